import type { BeadId, RigId } from '../index.ts';
import { need, type Need, type Rows } from './need.ts';
import { openOf, plannedBy } from './plan.ts';

/** What was planned and waits for a person's word to start: each convoy, and of each rig exactly the beads that one start of the rig begins. */
export function planned(replica: Rows): Need[] {
  const convoys = [...replica.rows('convoys').values()].filter(
    (convoy) => convoy.status === 'staged' && openOf(convoy) > 0 && convoy.archivedAt === null,
  );
  const own = [...replica.rows('beads').values()].filter((bead) => plannedBy(bead, replica.rows('convoys')) === 'itself');
  const beads = Map.groupBy(own, ({ rigId }) => rigId);
  const count = (many: number, noun: string) => `${many.toLocaleString('en')} ${noun}${many === 1 ? '' : 's'}`;
  return [
    ...convoys.map((convoy) =>
      need({
        id: convoy.id,
        title: convoy.title,
        detail: `A plan of ${count(openOf(convoy), 'bead')}: nothing of it is worked on before you start it.`,
        at: convoy.createdAt,
        weight: 1,
        holds: 'bead',
        opens: { drawer: { kind: 'convoy', id: convoy.id } },
        sends: { kind: 'convoy.start', convoyId: convoy.id },
      }),
    ),
    ...[...beads].map(([rigId, [first, ...others]]) =>
      need({
        id: `planned ${rigId}`,
        title:
          others.length === 0
            ? first!.title
            : `${count(others.length + 1, 'planned bead')} of ${replica.rows('rigs').get(rigId ?? '')?.name ?? 'the town'}`,
        detail: others.length === 0 ? 'Planned, not started: it begins when you start it.' : 'Not started: they begin when you start them.',
        at: 0,
        weight: 1,
        holds: 'bead',
        opens: others.length === 0 ? { drawer: { kind: 'bead', id: first!.id } } : { board: rigId ?? '' },
        sends: startOf(rigId, first!.id, others.length),
      }),
    ),
  ];
}

const startOf = (rigId: RigId | null, beadId: BeadId, others: number): Need['sends'] => {
  if (others === 0) return { kind: 'bead.start', beadId };
  return rigId === null ? null : { kind: 'bead.start', rigId };
};
