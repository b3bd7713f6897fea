import type { PersonCommand } from '@gastown/protocol';
import type { Rows } from '../attention/need.ts';
import { openOf } from '../convoys.ts';
import { plannedBy } from '../ordering.ts';

/** How much planned work one command starts, and whose. */
export interface StartSize {
  readonly many: number;
  readonly where: string;
}
/** Up to so many beads begin at one press. */
const FEW = 10;
export const isLarge = ({ many }: StartSize): boolean => many > FEW;

/** Null: it starts no batch. */
export function startSize(replica: Rows, command: PersonCommand): StartSize | null {
  if (command.kind === 'convoy.start') {
    const convoy = replica.rows('convoys').get(command.convoyId);
    return convoy ? { many: openOf(convoy), where: `the convoy “${convoy.title}”` } : null;
  }
  if (command.kind !== 'bead.start' || !('rigId' in command) || command.rigId === undefined) return null;
  const { rigId } = command;
  const beads = [...replica.rows('beads').values()].filter(
    (bead) => bead.rigId === rigId && plannedBy(bead, replica.rows('convoys')) === 'itself',
  );
  return { many: beads.length, where: replica.rows('rigs').get(rigId)?.name ?? 'the rig' };
}
