import type { BeadRow, PersonCommand } from '@gastown/protocol';
import type { Rows } from '@gastown/protocol/needs';
import { openOf } from '../convoys.ts';
import { plannedBy } from '../ordering.ts';

/** How much planned work one command starts, and whose. */
export interface StartSize {
  readonly many: number;
  readonly where: string;
  /** How many the rigs that it is in have at work at once. */
  readonly slots: number;
}
/** Up to so many beads begin at one press. */
const FEW = 10;
export const isLarge = ({ many }: Pick<StartSize, 'many'>): boolean => many > FEW;

/** Null: it starts no batch. */
export function startSize(replica: Rows, command: PersonCommand): StartSize | null {
  if (command.kind === 'convoy.start') {
    const convoy = replica.rows('convoys').get(command.convoyId);
    if (!convoy) return null;
    const members = [...replica.rows('beads').values()].filter((bead) => bead.convoyId === command.convoyId);
    const begin = members.filter(({ hold, status }) => hold !== 'staged' && status === 'open');
    return { many: openOf(convoy) - stillPlanned(members), where: nameOf(convoy), slots: slotsOf(replica, begin) };
  }
  if (command.kind === 'convoy.create') {
    const { tasks = [], staged } = command;
    return staged || tasks.length === 0 ? null : { many: tasks.length, where: nameOf(command), slots: slotsOf(replica, tasks) };
  }
  if (command.kind !== 'bead.start') return null;
  const { rigId, convoyId } = command;
  if (rigId === undefined && convoyId === undefined) return null;
  const beads = [...replica.rows('beads').values()].filter(
    (bead) => (rigId ? bead.rigId === rigId : bead.convoyId === convoyId) && plannedBy(bead, replica.rows('convoys')) === 'itself',
  );
  const convoy = replica.rows('convoys').get(convoyId ?? '');
  const where = rigId ? (replica.rows('rigs').get(rigId)?.name ?? 'the rig') : convoy ? nameOf(convoy) : 'the convoy';
  return { many: beads.length, where, slots: slotsOf(replica, beads) };
}
/** Of a convoy: what was planned by itself before it joined, which the start of the convoy leaves so. */
export const stillPlanned = (members: readonly BeadRow[]): number =>
  members.filter(({ hold, status }) => hold === 'staged' && status === 'open').length;
const nameOf = ({ title }: { title: string }): string => `the convoy “${title}”`;

/** No more agents of a rig are at work at once than it has slots; of the whole town no more than the town has. */
export function slotsOf(replica: Rows, beads: Iterable<Pick<BeadRow, 'rigId'>>): number {
  const rigs = new Set([...beads].map(({ rigId }) => rigId ?? ''));
  const inRigs = [...rigs].reduce((sum, id) => sum + (replica.rows('rigs').get(id)?.maxPolecats ?? 0), 0);
  const [town] = replica.rows('town').values();
  return Math.min(inRigs, town?.maxPolecats ?? Infinity);
}
