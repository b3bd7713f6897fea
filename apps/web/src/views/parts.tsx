import type { BeadRow, EventRow, Failure, FailureSource, GateResult, MergeRow, Priority } from '@gastown/protocol';
import { nextStep } from '@gastown/protocol';
import { ChevronRight, CircleCheck, CircleX, Timer } from 'lucide-react';
import type { ReactNode } from 'react';
import { drawerOfId } from '../drawers.ts';
import { ofItself, sentence } from '../feed.ts';
import { duration, inShort } from '../format.ts';
import { useRow, useSelect } from '../replica/hooks.ts';
import { agentSign, beadSign, mergeSign } from '../signal.ts';
import { At, Mono } from '../ui/Bits.tsx';
import { ObjectLink } from '../ui/ObjectLink.tsx';
import { StepText } from './StepText.tsx';
import { ScrollBox } from '../ui/ScrollBox.tsx';
import { Glyph } from '../ui/Sign.tsx';
import { cx } from '../ui/cx.ts';

/** `elsewhere`: its row, where the replica does not hold it and somebody has asked for it. */
export function BeadLink({ id, quiet = false, elsewhere }: { id: string; quiet?: boolean; elsewhere?: BeadRow | undefined }) {
  const bead = useRow('beads', id) ?? elsewhere;
  const agent = useRow('agents', bead?.assigneeId);
  return (
    <ObjectLink
      at={{ kind: 'bead', id }}
      className="inline-flex max-w-full min-w-0 items-center gap-1.5 align-bottom hover:underline hover:decoration-line-strong hover:underline-offset-3"
    >
      {bead && !quiet && <Glyph sign={beadSign(bead, agent)} />}
      <span className="truncate">{bead?.title ?? id}</span>
    </ObjectLink>
  );
}

/** A question that was asked of a person, by its words. */
export function EscalationLink({ id }: { id: string }) {
  const escalation = useRow('escalations', id);
  return (
    <ObjectLink
      at={{ kind: 'bead', id }}
      className="min-w-0 truncate hover:underline hover:decoration-line-strong hover:underline-offset-3"
    >
      {escalation?.message ?? id}
    </ObjectLink>
  );
}

export function AgentLink({ id, glyph = false }: { id: string; glyph?: boolean }) {
  const agent = useRow('agents', id);
  return (
    <ObjectLink
      at={{ kind: 'agent', id }}
      className="inline-flex items-center gap-1.5 align-bottom hover:underline hover:decoration-line-strong hover:underline-offset-3"
    >
      {glyph && agent && <Glyph sign={agentSign(agent)} />}
      {agent?.name ?? id}
    </ObjectLink>
  );
}

/** Who made it: an agent by its name, as everywhere else, not by what it is called in commits. */
export function Maker({ by, link = true }: { by: string; link?: boolean }) {
  const agent = useSelect(['agents'], (replica) => [...replica.rows('agents').values()].find(({ identity }) => identity === by), [by]);
  return (
    <span className="text-faint">
      by {agent ? link ? <AgentLink id={agent.id} /> : agent.name : by === 'town' ? 'the town' : by || 'somebody'}
    </span>
  );
}

export function RigLink({ id }: { id: string }) {
  const rig = useRow('rigs', id);
  return <ObjectLink at={{ kind: 'rig', id }}>{rig?.name ?? id}</ObjectLink>;
}

/** Where something is; of a runner that was removed only the id is left. */
export function RunnerLink({ id }: { id: string }) {
  const runner = useRow('runners', id);
  if (!runner) return <span className="text-muted">a runner that was removed</span>;
  return <ObjectLink at={{ kind: 'runner', id }}>{runner.name}</ObjectLink>;
}

export function ConvoyLink({ id }: { id: string }) {
  const convoy = useRow('convoys', id);
  return <ObjectLink at={{ kind: 'convoy', id }}>{convoy?.title ?? id}</ObjectLink>;
}

const ON_BRANCH: Record<MergeRow['phase'], string> = {
  queued: 'Queued for',
  testing: 'Testing for',
  landing: 'Landing on',
  landed: 'Landed on',
  failed: 'Did not land on',
};
export function MergeLink({ id }: { id: string }) {
  const merge = useRow('merges', id);
  const sign = merge && { ...mergeSign(merge), word: ON_BRANCH[merge.phase] };
  return (
    <ObjectLink
      at={{ kind: 'merge', id }}
      className="inline-flex items-center gap-1.5 hover:underline hover:decoration-line-strong hover:underline-offset-3"
    >
      {sign && <Glyph sign={sign} silent />}
      <span>{merge && sign ? `${sign.word} ${merge.targetBranch}` : id}</span>
    </ObjectLink>
  );
}

const SOURCE: Record<FailureSource, string> = {
  container: 'the container',
  scheduler: 'the scheduler',
  patrol: 'a patrol',
  refinery: 'the refinery',
  triage: 'triage',
  mayor: 'the Mayor',
  user: 'a person',
  admin: 'an administrator',
  platform: 'the platform',
};

/** What failed, who says so and when, its particulars, and what to do (FR-4). */
export function FailureBanner({
  failure,
  at,
  action,
  next = null,
}: {
  failure: Failure;
  at?: number;
  action?: ReactNode;
  /** What to do, or what follows, where it is not what the failure says of itself. */
  next?: ReactNode;
}) {
  const { output, ...others } = failure.details ?? {};
  const details = Object.entries(others);
  return (
    <div role="alert" className="flex flex-col gap-1 rounded-lg bg-failed-wash px-3 py-2.5 text-sm">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">
          <p className="text-failed">{failure.message}</p>
          <p>{next ?? <StepText>{nextStep(failure)}</StepText>}</p>
        </div>
        {action}
      </div>
      <p className="flex flex-wrap gap-x-3 text-xs text-muted">
        <Mono>{failure.code}</Mono>
        {failure.source && <span>decided by {SOURCE[failure.source]}</span>}
        {at !== undefined && <At at={at} className="!text-muted" />}
      </p>
      {typeof output === 'string' && output !== '' && (
        <ScrollBox className="mt-1 max-h-64" label="What it printed" end>
          {output}
        </ScrollBox>
      )}
      {details.length > 0 && (
        <details className="group">
          <summary className="inline-flex items-center gap-1 text-xs text-muted hover:text-fg">
            <ChevronRight size={12} className="transition-transform duration-100 group-open:rotate-90" />
            Details
          </summary>
          <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-xs">
            {details.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-muted">{name}</dt>
                <dd className="min-w-0 [overflow-wrap:anywhere] whitespace-pre-wrap">
                  {typeof value === 'string' ? value : JSON.stringify(value)}
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}

/** What a gate ran, how it ended and what it printed. */
export function Gates({ gates }: { gates: readonly GateResult[] }) {
  return (
    <ul className="divide-y divide-line">
      {gates.map((gate, index) => (
        <li key={`${index}-${gate.command}`}>
          <Gate gate={gate} />
        </li>
      ))}
    </ul>
  );
}

function Gate({ gate }: { gate: GateResult }) {
  const passed = gate.exitCode === 0 && !gate.timedOut;
  const ended = gate.timedOut ? 'timed out' : gate.exitCode === null ? 'could not run' : `exit ${gate.exitCode}`;
  return (
    <details className="group py-1.5" open={!passed || undefined}>
      <summary className="flex items-center gap-2 rounded-md py-0.5 text-sm">
        {passed ? (
          <CircleCheck size={15} className="shrink-0 text-working" aria-label="Passed" />
        ) : gate.timedOut ? (
          <Timer size={15} className="shrink-0 text-failed" aria-label="Timed out" />
        ) : (
          <CircleX size={15} className="shrink-0 text-failed" aria-label="Failed" />
        )}
        <Mono className="min-w-0 flex-1 truncate">{gate.command}</Mono>
        <span className={cx('text-xs', passed ? 'text-muted' : 'text-failed')}>{ended}</span>
        <span className="text-xs text-faint">{duration(gate.durationMs)}</span>
        <ChevronRight size={14} className="shrink-0 text-faint transition-transform duration-100 group-open:rotate-90" />
      </summary>
      <ScrollBox className="mt-2 mb-1" label={`Output of ${gate.command}`} end={gate.timedOut || gate.exitCode !== 0}>
        {gate.truncated && <span className="text-faint">… the beginning was cut{'\n'}</span>}
        {gate.output || <span className="text-faint">No output.</span>}
      </ScrollBox>
    </details>
  );
}

/** One line of the feed or of a timeline. */
export function EventLine({ id, about = true, more = 0 }: { id: number; about?: boolean; more?: number | null }) {
  const event = useRow('events', id);
  return event ? <EventText event={event} about={about} more={more} /> : null;
}

export function EventText({ event, about, more }: { event: EventRow; about: boolean; more: number | null }) {
  const said = about ? sentence(event) : ofItself(sentence(event));
  const object = said.of === undefined ? event.beadId : said.of;
  const failed = event.after === 'failed' || event.type.includes('fail');
  return (
    <li className="lazy-row flex items-baseline gap-2 py-1 text-sm" style={{ containIntrinsicSize: 'auto 28px' }}>
      <span aria-hidden className={cx('size-1.5 shrink-0 -translate-y-px rounded-full', failed ? 'bg-failed' : 'bg-line-strong')} />
      <span className="min-w-0 flex-1 text-muted [overflow-wrap:anywhere]">
        <Actor actor={event.actor} agentId={event.agentId} runnerId={event.data['runnerId']} /> {said.verb}
        {object && <> {about || object !== event.beadId ? <BeadRef id={object} /> : <It id={object} />}</>}
        {more !== 0 && ` and ${more?.toLocaleString('en') ?? 'many'} more`}
        {said.tail && (
          <>
            {said.tail.startsWith(':') ? '' : ' '}
            <Tail text={said.tail} rigId={event.data['rigId']} />
          </>
        )}
        {said.to && (
          <>
            {' '}
            <BeadRef id={said.to} />
          </>
        )}
      </span>
      <At at={event.at} className="text-xs" />
    </li>
  );
}

const REFERENCE = 'text-fg underline decoration-line-strong underline-offset-3 hover:decoration-current';

/** In its own timeline a bead is `it`; its merge has a page of its own. */
function It({ id }: { id: string }) {
  const merge = useRow('merges', id);
  if (!merge) return 'it';
  return (
    <ObjectLink at={{ kind: 'merge', id }} className={REFERENCE}>
      its merge
    </ObjectLink>
  );
}

/** What ends the sentence; when it is the name of a rig that is still there, a link to it. */
function Tail({ text, rigId }: { text: string; rigId: unknown }) {
  const rig = useRow('rigs', typeof rigId === 'string' ? rigId : null);
  if (!rig || rig.state === 'removed') return text;
  return (
    <ObjectLink at={{ kind: 'rig', id: rig.id }} className={REFERENCE}>
      {text}
    </ObjectLink>
  );
}

function BeadRef({ id }: { id: string }) {
  const escalation = useRow('escalations', id);
  const merge = useRow('merges', id);
  const bead = useRow('beads', merge?.beadId ?? id);
  const agent = useRow('agents', id);
  const convoy = useRow('convoys', id);
  const rig = useRow('rigs', id);
  const triage = useRow('triage', id);
  const name = merge
    ? `the merge of ${bead?.title ?? id}`
    : (agent?.name ??
      convoy?.title ??
      rig?.name ??
      (triage ? inShort(triage.message) : bead?.title) ??
      (escalation ? inShort(escalation.message) : id));
  if (id.startsWith('es-') && !escalation) return 'that is long settled';
  return (
    <ObjectLink at={drawerOfId(id) ?? { kind: 'bead', id }} className={REFERENCE}>
      {name}
    </ObjectLink>
  );
}

function Actor({ actor, agentId, runnerId }: { actor: string; agentId: string | null; runnerId: unknown }) {
  const id = /^ag-[0-9a-f]{8}$/.test(actor) ? actor : agentId;
  const agent = useRow('agents', id);
  const runner = useRow('runners', actor === 'runner' && typeof runnerId === 'string' ? runnerId : null);
  if (runner)
    return (
      <>
        <span className="text-fg">The runner</span>{' '}
        <ObjectLink at={{ kind: 'runner', id: runner.id }} className={REFERENCE}>
          {runner.name}
        </ObjectLink>
      </>
    );
  if (agent && (actor === agent.id || actor === agent.name || actor === agent.identity))
    return (
      <ObjectLink at={{ kind: 'agent', id: agent.id }} className={REFERENCE}>
        {agent.name}
      </ObjectLink>
    );
  return <span className="text-fg">{actor === 'town' || actor === 'runner' ? `The ${actor}` : actor}</span>;
}

const BARS: Record<Priority, number> = { low: 1, medium: 2, high: 3, critical: 3 };
/** Priority as bars; critical is a filled square with a mark, so that it differs in shape too. */
export function PriorityMark({ priority }: { priority: Priority }) {
  if (priority === 'critical')
    return (
      <svg viewBox="0 0 14 14" width="14" height="14" role="img" aria-label="Critical priority" className="shrink-0 text-fg">
        <rect x="1" y="1" width="12" height="12" rx="3" fill="currentColor" />
        <path d="M7 3.800v3.800M7 10v.1" stroke="var(--bg)" strokeWidth="1.600" strokeLinecap="round" />
      </svg>
    );
  return (
    <svg viewBox="0 0 14 14" width="14" height="14" role="img" aria-label={`${priority} priority`} className="shrink-0 text-muted">
      {[0, 1, 2].map((bar) => (
        <rect
          key={bar}
          x={1.5 + bar * 4}
          y={9 - bar * 3}
          width="2.600"
          height={3.5 + bar * 3}
          rx="1"
          fill="currentColor"
          opacity={bar < BARS[priority] ? 1 : 0.25}
        />
      ))}
    </svg>
  );
}
