import type { EscalationRow, TriageAction } from '@gastown/protocol';
import { Check } from 'lucide-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Need, Remedy, Way } from '@gastown/protocol/needs';
import { useCommand } from '../commands/use-command.ts';
import { useStart } from '../commands/use-start.ts';
import { useAct } from '../shell/act.ts';
import { useTownId } from '../shell/town-id.ts';
import { At } from '../ui/Bits.tsx';
import { Button, buttonClass } from '../ui/Button.tsx';
import { ObjectLink } from '../ui/ObjectLink.tsx';
import { Glyph } from '../ui/Sign.tsx';
import { toast } from '../ui/toast.ts';
import { AskButtons } from './AskCard.tsx';
import { NeedReason } from './NeedReason.tsx';
import { StepText } from './StepText.tsx';

/** One thing that waits for a person: what, why, and the buttons that end the wait. */
export function NeedLine({ need, compact = false }: { need: Need; compact?: boolean }) {
  return (
    <article className="flex items-start gap-2.5 py-2.5 text-sm" aria-label={need.title}>
      <Glyph sign={{ signal: 'waiting_for_you', word: 'Waiting for you' }} className="mt-[3px]" />
      <div className="min-w-0 flex-1">
        <Target need={need}>
          <span className={compact ? 'line-clamp-1' : ''} title={compact ? need.title : undefined}>
            {need.title}
          </span>
        </Target>
        <NeedReason need={need} compact={compact} />
        {need.step && (
          <p className={compact ? 'text-xs' : ''}>
            <StepText>{need.step}</StepText>
          </p>
        )}
        <div className="mt-1.5 flex flex-wrap items-center gap-1.5">
          {need.goes && !need.goes.after && <Go way={need.goes} />}
          {need.sends && <Send remedy={need.sends} kind={need.goes && !need.goes.after ? 'plain' : 'accent'} />}
          {need.goes?.after && <Go way={need.goes} />}
          {need.triage && <Answers triage={need.triage} first={need.goes || need.sends ? 'plain' : 'accent'} />}
          {need.permission && <AskButtons asked={need.permission} />}
          {need.escalation && <Acknowledge escalation={need.escalation} others={need.alsoAcknowledges} />}
          {!('drawer' in need.opens) && <Target need={need} button />}
          <span className="flex-1" />
          {need.at > 0 && <At at={need.at} className="text-xs" />}
        </div>
      </div>
    </article>
  );
}

function Target({ need, children, button }: { need: Need; children?: ReactNode; button?: boolean }) {
  const town = useTownId();
  const style = button
    ? buttonClass(need.goes || need.sends || need.triage ? 'plain' : 'accent', true)
    : 'block font-medium hover:underline hover:decoration-line-strong hover:underline-offset-3';
  if ('drawer' in need.opens)
    return (
      <ObjectLink at={need.opens.drawer} className={style}>
        {children}
      </ObjectLink>
    );
  if ('board' in need.opens)
    return (
      <Link
        to="/t/$town/board"
        params={{ town }}
        search={need.opens.board ? { rig: need.opens.board } : {}}
        className={style}
        data-row={button ? undefined : ''}
      >
        {children ?? 'Board'}
      </Link>
    );
  return (
    <Link
      to="/t/$town/settings"
      params={{ town }}
      search={{ tab: need.opens.settings, ...(need.opens.limit && { limit: need.opens.limit }) }}
      className={style}
      data-row={button ? undefined : ''}
    >
      {children ?? need.opens.word ?? 'Open settings'}
    </Link>
  );
}

/** To where it is settled. */
function Go({ way }: { way: Way }) {
  const town = useTownId();
  const style = buttonClass(way.after ? 'plain' : 'accent', true);
  if ('drawer' in way)
    return (
      <ObjectLink at={way.drawer} className={style}>
        {way.word}
      </ObjectLink>
    );
  return (
    <Link to="/t/$town/settings" params={{ town }} search={{ tab: way.settings, ...(way.rig && { rig: way.rig }) }} className={style}>
      {way.word}
    </Link>
  );
}

const LABEL = {
  'bead.retry': 'Retry',
  'effect.retry': 'Try again',
  'rig.reconnect': 'Reconnect',
  'quarantine.retry': 'Try again',
  'town.resume': 'Resume town',
  'dispatch.reset': 'Try now',
  'convoy.start': 'Start',
  'bead.start': 'Start',
  'triage.resolve': 'Retry',
} as const satisfies Record<Remedy['kind'], string>;
function Send({ remedy, kind }: { remedy: Remedy; kind: 'accent' | 'plain' }) {
  const { start, pending } = useStart();
  return (
    <Button small kind={kind} pending={pending} onClick={() => void start(remedy, `${LABEL[remedy.kind]}: done`)}>
      {LABEL[remedy.kind]}
    </Button>
  );
}

const ANSWERS: Record<TriageAction, { word: string; does: string }> = {
  NUDGE: { word: 'Nudge it', does: 'Ask the agent to go on' },
  RESTART: { word: 'Restart it', does: 'End this run; the bead goes to a fresh one' },
  REASSIGN_BEAD: { word: 'Give it to another', does: 'Another agent takes the bead' },
  CLOSE_BEAD: { word: 'Give the bead up', does: 'The bead fails; its work stays on its branch, and what waits for it goes on waiting' },
  ESCALATE_TO_MAYOR: { word: 'Ask the Mayor', does: 'The Mayor hears of it and decides' },
};

/** The ways to answer what a patrol asks; the first answer counts. */
function Answers({ triage, first }: { triage: NonNullable<Need['triage']>; first: 'accent' | 'plain' }) {
  const { run, pending } = useCommand();
  const act = useAct();
  const answer = async (action: TriageAction) => {
    const asksMayor = action === 'ESCALATE_TO_MAYOR';
    const answered = await run({ kind: 'triage.resolve', triageId: triage.id, action }, asksMayor ? undefined : 'Answered');
    if (asksMayor && answered.ok)
      toast.success('The Mayor has it: what it says is in the chat on Home', {
        action: { label: 'Open the chat', onClick: () => act.go('home') },
      });
  };
  return triage.actions.map((action, index) => (
    <Button
      key={action}
      small
      kind={index === 0 ? first : 'plain'}
      title={ANSWERS[action].does}
      disabled={pending}
      onClick={() => void answer(action)}
    >
      {ANSWERS[action].word}
    </Button>
  ));
}

export function Acknowledge({ escalation, others = [] }: { escalation: EscalationRow; others?: readonly EscalationRow[] }) {
  const { run, pending } = useCommand();
  const acknowledge = async () => {
    for (const { id } of others) if (!(await run({ kind: 'escalation.acknowledge', escalationId: id })).ok) return;
    await run({ kind: 'escalation.acknowledge', escalationId: escalation.id }, 'Acknowledged');
  };
  return (
    <Button small pending={pending} icon={<Check size={13} />} data-acknowledge onClick={() => void acknowledge()}>
      Acknowledge
    </Button>
  );
}
