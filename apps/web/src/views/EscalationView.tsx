import type { EscalationRow } from '@gastown/protocol';
import { questionOf } from '../asking.ts';
import { useRow } from '../replica/hooks.ts';
import { At, Facts } from '../ui/Bits.tsx';
import { SignWord } from '../ui/Sign.tsx';
import { Acknowledge } from './NeedLine.tsx';
import { AgentLink, BeadLink, ConvoyLink, RigLink } from './parts.tsx';

/** What the town or an agent asked a person, what it is about, and how it ended (ES-5). */
export function EscalationView({ escalation }: { escalation: EscalationRow }) {
  const { acknowledgedAt, acknowledgedBy, agentId, rigId } = escalation;
  const asker = useRow('agents', agentId);
  return (
    <article className="flex flex-col gap-4 p-4 sm:p-5">
      <header className="flex flex-wrap items-center gap-2">
        <SignWord
          sign={
            acknowledgedAt === null
              ? { signal: 'waiting_for_you', word: 'Waiting for you' }
              : { signal: 'idle', word: 'Settled', done: true }
          }
          className="text-sm"
        />
        <span className="flex-1" />
        {acknowledgedAt === null && <Acknowledge escalation={escalation} />}
      </header>
      <h1 className="text-base font-semibold">{questionOf(escalation, asker?.name)}</h1>
      <p className="text-sm whitespace-pre-wrap [overflow-wrap:anywhere]">{escalation.message}</p>
      <Facts
        facts={[
          escalation.beadId ? ['About', <About key="b" id={escalation.beadId} />] : null,
          agentId ? ['Agent', <AgentLink key="a" id={agentId} glyph />] : null,
          rigId ? ['Rig', <RigLink key="r" id={rigId} />] : null,
          ['Severity', escalation.severity],
          ['Kind', escalation.category.replaceAll('_', ' ')],
          ['Asked', <At key="t" at={escalation.createdAt} />],
          acknowledgedAt !== null
            ? [
                'Settled',
                <span key="s">
                  <At at={acknowledgedAt} /> {acknowledgedBy && `by ${acknowledgedBy}`}
                </span>,
              ]
            : null,
        ]}
      />
    </article>
  );
}

function About({ id }: { id: string }) {
  const convoy = useRow('convoys', id);
  return convoy ? <ConvoyLink id={id} /> : <BeadLink id={id} />;
}
