import { siteOf, type PermissionDecision, type PermissionRow } from '@gastown/protocol';
import { ShieldQuestion } from 'lucide-react';
import { WISHES } from '@gastown/protocol/needs';
import { useCommand } from '../commands/use-command.ts';
import { useSelect } from '../replica/hooks.ts';
import { At } from '../ui/Bits.tsx';
import { Button } from '../ui/Button.tsx';
import { ScrollBox } from '../ui/ScrollBox.tsx';
import { AgentLink } from './parts.tsx';

/** Each with what it does. An address allowed for the run allows its whole site, so the button names it. */
function answersTo(asked: PermissionRow): readonly (readonly [PermissionDecision, string, string])[] {
  const site = siteOf(asked);
  return [
    ['once', 'Allow once', 'This time only'],
    site === null
      ? ['run', 'Allow for this run', 'Now, and whenever this run asks the same again']
      : ['run', `Allow anything at ${site} for this run`, `Now, and any address of ${site} that this run wants`],
    ['deny', 'Deny', 'The agent is told no, and goes on without'],
  ];
}

/** The three answers to what an agent asks for; the first one counts. */
export function AskButtons({ asked }: { asked: PermissionRow }) {
  const { run, pending } = useCommand();
  return answersTo(asked).map(([decision, word, does], index) => (
    <Button
      key={decision}
      small
      kind={index === 0 ? 'accent' : 'plain'}
      title={does}
      // A person reads the whole name of a site, however long it is.
      className="!h-auto min-h-7 !shrink !whitespace-normal py-1 text-left [overflow-wrap:anywhere]"
      disabled={pending}
      onClick={() => void run({ kind: 'permission.answer', permissionId: asked.id, decision }, 'Answered')}
    >
      {word}
    </Button>
  ));
}

/** What exactly is asked for: an agent's words, shown as text. */
export function AskDetail({ asked }: { asked: PermissionRow }) {
  return asked.detail ? (
    // Wrapped: a person decides over all of it, also on a phone.
    <ScrollBox className="mt-1.5 max-h-48 !whitespace-pre-wrap [overflow-wrap:anywhere]" label="What exactly it asks for">
      {asked.detail}
    </ScrollBox>
  ) : null;
}

/** The open questions of one bead or agent, each with its answers. */
export function Asks({ of }: { of: { beadId: string } | { agentId: string } }) {
  const key = 'beadId' in of ? of.beadId : of.agentId;
  const asks = useSelect(
    ['permissions'],
    (replica) =>
      [...replica.rows('permissions').values()]
        .filter((asked) => asked.answeredAt === null && ('beadId' in of ? asked.beadId : asked.agentId) === key)
        .toSorted((a, b) => a.askedAt - b.askedAt),
    [key],
  );
  return asks.map((asked) => (
    <section key={asked.id} aria-label={`Waits for you: ${asked.title}`} className="rounded-lg bg-accent-wash px-3 py-2.5 text-sm">
      <p className="flex items-baseline gap-2 text-accent">
        <ShieldQuestion size={14} className="shrink-0 translate-y-0.5" aria-hidden />
        <span className="min-w-0 flex-1">
          <AgentLink id={asked.agentId} /> {WISHES[asked.category]}
        </span>
        <At at={asked.askedAt} className="text-xs !text-muted" />
      </p>
      <p className="mt-1 font-medium [overflow-wrap:anywhere]">{asked.title}</p>
      <AskDetail asked={asked} />
      <div className="mt-2 flex flex-wrap gap-1.5">
        <AskButtons asked={asked} />
      </div>
    </section>
  ));
}
