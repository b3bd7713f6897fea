import type { EscalationRow } from '@gastown/protocol';
import { checkInvariants } from '@gastown/town/invariants';
import type { World } from './world.ts';

/** What a story comes to, without the ids, times and detours: two runs that mean the same give the same lines. */
export function meaningOf(world: World): string[] {
  const rows = world.rows();
  if (world.store.sql.all('SELECT deleted_at FROM town')[0]?.['deleted_at'] !== null) return ['the town is deleted', ...rest(world)];
  const landed = (beadId: string): number =>
    world.store.sql.all('SELECT id FROM merges WHERE bead_id = ?', beadId).filter((row) => world.forge.landings.includes(String(row['id'])))
      .length;
  return [
    ...rows.beads.map((bead) => {
      const where = [bead.status, bead.archivedAt === null ? '' : 'archived', bead.hold ?? '', bead.failure?.code ?? '']
        .filter(Boolean)
        .join(', ');
      return `bead ${bead.title}: ${where}, landed ${landed(bead.id)}`;
    }),
    ...rows.convoys.map((convoy) => `convoy ${convoy.title}: ${convoy.status}, ${convoy.closed} and ${convoy.failed} of ${convoy.total}`),
    ...rows.nudges.filter((nudge) => nudge.source === 'Ada').map((nudge) => `message ${nudge.text}: ${nudge.state}`),
    ...new Set(
      rows.escalations.filter(matters).map((one) => `question ${one.category}: ${one.acknowledgedAt === null ? 'open' : 'answered'}`),
    ),
    ...rows.rigs.map((rig) => `rig ${rig.name}: ${rig.state}${rig.paused ? ', paused' : ''}`),
    ...rows.town.map((town) => `town: ${town.paused ? 'paused' : 'goes on'}`),
    ...rest(world),
  ]
    .map((line) => line.replaceAll(/\b(gt|cv|mr|ag|es|run)-[0-9a-f]{8,12}\b/g, '$1-…'))
    .toSorted();
}

/** What the town asked about a detour and settled itself is no part of the end. */
const matters = (one: EscalationRow): boolean => one.acknowledgedAt === null || !['lifecycle', 'failed'].includes(one.category);

/** It rests: nothing is under way, no alarm is set. */
function rest(world: World): string[] {
  const effects = world.store.sql
    .all(`SELECT kind FROM outbox WHERE state <> 'parked'`)
    .map((row) => `still to do: ${String(row['kind'])}`);
  const runs = world.store.sql
    .all(`SELECT id FROM runs WHERE state <> 'ended' AND bead_id IS NOT NULL`)
    .map((row) => `still at work: ${String(row['id'])}`);
  const wake = world.town.nextWake();
  return [...effects, ...runs, ...(wake === null ? [] : ['an alarm is set'])];
}

/** What must never be, whatever happened on the way. */
export function wrongIn(world: World): string[] {
  const twice = world.forge.landings.filter((id, at) => world.forge.landings.indexOf(id) !== at).map((id) => `${id} was landed twice`);
  const booked = Number(world.store.sql.all(`SELECT coalesce(sum(cost_micros), 0) AS n FROM spend WHERE kind = 'town'`)[0]?.['n']);
  const lost = booked === world.spent ? [] : [`${world.spent} micros were spent, ${booked} are booked`];
  return [...twice, ...lost, ...checkInvariants(world.store.sql, world.now).map(({ invariant, message }) => `${invariant} ${message}`)];
}
