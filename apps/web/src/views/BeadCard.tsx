import type { BeadRow } from '@gastown/protocol';
import { memo } from 'react';
import { money } from '../format.ts';
import { plannedBy } from '../ordering.ts';
import { useRow } from '../replica/hooks.ts';
import { beadSign, workerOn } from '../signal.ts';
import { At, Badge } from '../ui/Bits.tsx';
import { ObjectLink } from '../ui/ObjectLink.tsx';
import { Glyph } from '../ui/Sign.tsx';
import { cx } from '../ui/cx.ts';
import { PriorityMark } from './parts.tsx';
import { useWaiting } from './WhyNot.tsx';

/** A card of the board; it listens to its own row, so one changed bead renders one card. */
export const BeadCard = memo(function BeadCard({ id, rig = true }: { id: string; rig?: boolean }) {
  const bead = useRow('beads', id);
  return bead ? <Card bead={bead} rig={rig} /> : null;
});

function Card({ bead, rig: showRig }: { bead: BeadRow; rig: boolean }) {
  const agent = useRow('agents', bead.assigneeId);
  const rig = useRow('rigs', bead.rigId);
  const waiting = useWaiting(bead);
  const sign = beadSign(bead, agent);
  const convoy = useRow('convoys', bead.convoyId);
  const plan = plannedBy(bead, new Map(convoy ? [[convoy.id, convoy]] : [])) !== null;
  const badges = badgesOf(bead, plan);
  const quiet = bead.status === 'open' && (plan || bead.hold !== null || bead.deferUntil !== null);
  const why =
    bead.status === 'failed'
      ? bead.failure?.message
      : bead.status === 'in_progress'
        ? ((bead.wait?.code === 'runner_away' ? null : workerOn(bead, agent)?.statusLine) ?? waiting?.sentence)
        : bead.status === 'closed'
          ? null
          : waiting?.sentence;
  return (
    <ObjectLink
      row
      at={{ kind: 'bead', id: bead.id }}
      className={cx(
        'flex flex-col gap-1.5 rounded-lg border px-3 py-2.5 text-sm transition-colors duration-100 hover:border-line-strong hover:bg-hover',
        quiet ? 'border-dashed border-line-strong bg-transparent text-muted' : 'border-line bg-raised shadow-row',
      )}
    >
      <span className="flex items-start gap-2">
        <Glyph sign={sign} className="mt-[3px]" />
        <span className="line-clamp-2 min-w-0 flex-1 font-medium [overflow-wrap:anywhere]">{bead.title}</span>
        <PriorityMark priority={bead.priority} />
      </span>
      {why && <span className={cx('pl-[22px] text-xs text-muted [overflow-wrap:anywhere]', !plan && 'line-clamp-2')}>{why}</span>}
      {badges.length > 0 && (
        <span className="flex flex-wrap gap-1 pl-[22px]">
          {badges.map((badge) => (
            <Badge key={badge}>{badge}</Badge>
          ))}
        </span>
      )}
      <span className="flex flex-col gap-0.5 pl-[22px] text-xs text-faint">
        <span className="flex items-center justify-between gap-2">
          <code>{bead.id}</code>
          {bead.closedAt && <At at={bead.closedAt} short />}
        </span>
        <span className="flex items-center justify-between gap-2 empty:hidden">
          {showRig && rig && <span className="min-w-0 truncate">{rig.name}</span>}
          {agent && bead.status !== 'closed' ? (
            <span className="shrink-0 text-muted">{agent.name}</span>
          ) : bead.usage.costMicros > 0 ? (
            <span className="shrink-0">{money(bead.usage.costMicros)}</span>
          ) : null}
        </span>
      </span>
    </ObjectLink>
  );
}

/** What holds it, its kind when that says something, and its first labels. */
const badgesOf = (bead: BeadRow, plan: boolean): string[] => [
  ...(bead.archivedAt !== null ? ['Archived'] : []),
  ...(plan ? ['Planned'] : bead.hold === 'pinned' ? ['Pinned'] : []),
  ...(bead.kind !== 'task' ? [bead.kind] : []),
  ...bead.labels.filter((label) => label !== bead.kind).slice(0, 3),
];
