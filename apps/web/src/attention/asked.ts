import type { DrawerRef } from '../drawers.ts';
import { agentName, need, type Need, type Rows } from './need.ts';

const WEIGHT = { critical: 4, high: 3, medium: 2, low: 1 } as const;
export const openEscalations = (replica: Rows) => [...replica.rows('escalations').values()].filter((row) => row.acknowledgedAt === null);

export function escalated(replica: Rows): Need[] {
  return openEscalations(replica).map((row) => {
    const bead = row.beadId ? replica.rows('beads').get(row.beadId) : undefined;
    const convoy = row.beadId ? replica.rows('convoys').get(row.beadId) : undefined;
    const about: DrawerRef | null = convoy
      ? { kind: 'convoy', id: convoy.id }
      : row.beadId
        ? { kind: 'bead', id: row.beadId }
        : row.agentId
          ? { kind: 'agent', id: row.agentId }
          : null;
    return need({
      id: row.id,
      title:
        row.topic === 'model'
          ? 'The provider wants no calls'
          : (bead?.title ?? convoy?.title ?? agentName(replica, row.agentId) ?? 'The town asks'),
      detail: row.message,
      at: row.createdAt,
      weight: WEIGHT[row.severity],
      opens:
        row.topic === 'model'
          ? { settings: 'models', word: 'Models' }
          : row.category === 'budget' && !bead
            ? { settings: 'spend', word: 'Raise' }
            : about
              ? { drawer: about }
              : { settings: 'health', word: 'Town health' },
      escalation: row,
      sends:
        bead?.status === 'failed' ? { kind: 'bead.retry', beadId: bead.id } : row.topic === 'model' ? { kind: 'dispatch.reset' } : null,
    });
  });
}

/** What a patrol found and cannot decide: answered with one of its actions (ES-7, ES-12). */
export function asked(replica: Rows): Need[] {
  return [...replica.rows('triage').values()]
    .filter((row) => row.resolvedAt === null)
    .map((row) =>
      need({
        id: row.id,
        title: `${agentName(replica, row.agentId) ?? 'An agent'} ${row.kind === 'crash_loop' ? 'fails again and again' : 'is stuck'}`,
        detail: row.message,
        at: row.createdAt,
        weight: 3,
        opens: { drawer: row.beadId ? { kind: 'bead', id: row.beadId } : { kind: 'agent', id: row.agentId } },
        triage: row,
      }),
    );
}

/** What agents ask permission for: a run waits for each, and is named by what it wants. */
export function wished(replica: Rows): Need[] {
  return [...replica.rows('permissions').values()]
    .filter((row) => row.answeredAt === null)
    .map((row) =>
      need({
        id: row.id,
        title: `${agentName(replica, row.agentId) ?? 'An agent'} asks: ${row.title}`,
        detail: (row.beadId && replica.rows('beads').get(row.beadId)?.title) || 'For a message that it works on.',
        at: row.askedAt,
        weight: 4,
        opens: { drawer: row.beadId ? { kind: 'bead', id: row.beadId } : { kind: 'agent', id: row.agentId } },
        permission: row,
      }),
    );
}
