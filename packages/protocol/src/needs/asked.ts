import type { BeadRow, EscalationRow, PermissionCategory, PermissionRow, TriageRow } from '../index.ts';
import { isAlert, isToldBy } from './alerts.ts';
import { waitsForPerson } from './refused.ts';
import { agentName, need, says, type About, type Need, type Rows, type Way } from './need.ts';

const WEIGHT = { critical: 4, high: 3, medium: 2, low: 1 } as const;

/** What waits for a person about one bead, or about something that is no bead: one need, however many rows say so. */
interface Matter {
  readonly failed: BeadRow | null;
  readonly triage: readonly TriageRow[];
  readonly escalations: readonly EscalationRow[];
}
/** The town says these itself of what a patrol asks as well; a question of an agent stands by itself. */
const SAID_BY_TOWN: readonly EscalationRow['category'][] = ['failed', 'lifecycle'];

/** Beads that failed, what agents and the town ask, and what a patrol cannot decide (ES-5, ES-7, I8). */
export function asked(replica: Rows): Need[] {
  const alerts = [...replica.rows('escalations').values()].filter((row) => isAlert(row) && row.acknowledgedAt === null);
  return mattersOf(replica).map((found) => {
    const matter = { ...found, escalations: [...found.escalations, ...alerts.filter((row) => isToldBy(row, found.triage))] };
    if (matter.failed) return ofFailed(matter.failed, matter);
    const [triage] = matter.triage;
    return triage ? ofTriage(replica, triage, matter) : ofEscalation(replica, matter.escalations[0]!);
  });
}

function mattersOf(replica: Rows): Matter[] {
  const escalations = [...replica.rows('escalations').values()].filter((row) => row.acknowledgedAt === null && !isAlert(row));
  const triage = [...replica.rows('triage').values()].filter((row) => row.resolvedAt === null);
  const beads = replica.rows('beads');
  const failed = [...beads.values()].filter(
    (bead) =>
      bead.status === 'failed' && bead.type === 'issue' && (bead.archivedAt === null || escalations.some((row) => row.beadId === bead.id)),
  );
  const about = new Set([...failed.map(({ id }) => id), ...triage.map((row) => row.beadId)]);
  const alone = (row: TriageRow | EscalationRow) => row.beadId === null || !about.has(row.beadId);
  return [
    ...[...about].flatMap((id) => (id === null ? [] : ofBead(id, failed.find((bead) => bead.id === id) ?? null, { escalations, triage }))),
    ...triage.filter(alone).map((row) => ({ failed: null, triage: [row], escalations: [] })),
    ...escalations.filter(alone).map((row) => ({ failed: null, triage: [], escalations: [row] })),
  ];
}
function ofBead(about: string, failed: BeadRow | null, all: Pick<Matter, 'escalations' | 'triage'>): Matter[] {
  const triage = all.triage.filter((row) => row.beadId === about);
  const escalations = all.escalations.filter((row) => row.beadId === about);
  const [same, others] = [(row: EscalationRow) => failed !== null || SAID_BY_TOWN.includes(row.category), failed === null];
  return [
    { failed, triage, escalations: escalations.filter(same) },
    ...(others ? escalations.filter((row) => !same(row)).map((row) => ({ failed, triage: [], escalations: [row] })) : []),
  ];
}

/** One button tries it again and settles the rest with it; a patrol's other answers change nothing of what has failed. */
function ofFailed(bead: BeadRow, { triage: [first, ...others], escalations }: Matter): Need {
  const escalation = escalations.find((row) => row.category === 'failed') ?? escalations[0];
  const retries = first?.actions.includes('RESTART');
  return need({
    id: first?.id ?? escalation?.id ?? bead.id,
    title: bead.title,
    detail: escalation?.message ?? says(bead.failure, 'This bead failed.'),
    more: [...escalations.filter((row) => row !== escalation), ...(first ? [first, ...others] : [])].map((row) => row.message),
    at: escalation?.createdAt ?? first?.createdAt ?? bead.updatedAt,
    weight: Math.max(2, first ? 3 : 0, ...escalations.map((row) => WEIGHT[row.severity])),
    holds: 'bead',
    opens: { drawer: { kind: 'bead', id: bead.id } },
    escalation: escalation ?? null,
    alsoAcknowledges: escalations.filter((row) => row !== escalation),
    triage: first && first.actions.includes('ESCALATE_TO_MAYOR') ? { id: first.id, actions: ['ESCALATE_TO_MAYOR'] } : null,
    sends: first && retries ? { kind: 'triage.resolve', triageId: first.id, action: 'RESTART' } : { kind: 'bead.retry', beadId: bead.id },
  });
}

/** Answered with one of its actions (ES-7, ES-12). */
function ofTriage(replica: Rows, row: TriageRow, { triage, escalations }: Matter): Need {
  return need({
    id: row.id,
    title: `${agentName(replica, row.agentId) ?? 'An agent'} ${row.kind === 'crash_loop' ? 'fails again and again' : 'is stuck'}`,
    detail: row.message,
    more: [...triage.slice(1), ...escalations].map(({ message }) => message).filter((message) => message !== row.message),
    at: row.createdAt,
    weight: 3,
    holds: 'bead',
    opens: { drawer: row.beadId ? { kind: 'bead', id: row.beadId } : { kind: 'agent', id: row.agentId } },
    escalation: escalations[0] ?? null,
    alsoAcknowledges: escalations.slice(1),
    triage: row,
  });
}

function ofEscalation(replica: Rows, row: EscalationRow): Need {
  const bead = row.beadId ? replica.rows('beads').get(row.beadId) : undefined;
  const convoy = row.beadId ? replica.rows('convoys').get(row.beadId) : undefined;
  const about = aboutOf(row, convoy !== undefined);
  const isModel = row.topic === 'model';
  return need({
    id: row.id,
    title: isModel ? 'The provider wants no calls' : (bead?.title ?? convoy?.title ?? agentName(replica, row.agentId) ?? 'The town asks'),
    detail: row.message,
    at: row.createdAt,
    weight: WEIGHT[row.severity],
    holds: isModel ? 'town' : convoy ? 'convoy' : row.category === 'budget' && !row.beadId && !row.agentId && row.rigId ? 'rig' : 'bead',
    opens: isModel
      ? { settings: 'models', word: 'Models' }
      : row.category === 'budget' && !bead
        ? { settings: 'spend', word: 'Raise' }
        : about
          ? { drawer: about }
          : { settings: 'health', word: 'Town health' },
    escalation: row,
    sends: isModel ? { kind: 'dispatch.reset' } : null,
    goes: isModel ? null : wayOf(replica, row, bead),
  });
}
function aboutOf({ beadId, agentId }: EscalationRow, isConvoy: boolean): About | null {
  if (beadId) return { kind: isConvoy ? 'convoy' : 'bead', id: beadId };
  return agentId ? { kind: 'agent', id: agentId } : null;
}

/** To the merge that can be retried; to the agent that asks and hears the answer; else to what it is about. */
function wayOf(replica: Rows, { agentId, beadId }: EscalationRow, bead: BeadRow | undefined): Way | null {
  const merge = replica.rows('merges').get(bead?.mergeId ?? '');
  if (merge && bead && waitsForPerson(merge, bead)) return { drawer: { kind: 'merge', id: merge.id }, word: 'Open merge' };
  const agent = replica.rows('agents').get(agentId ?? '');
  const hears = agent && (agent.role === 'mayor' || (agent.runId !== null && agent.beadId === beadId));
  if (hears) return { drawer: { kind: 'agent', id: agent.id }, word: 'Answer' };
  if (bead) return { drawer: { kind: 'bead', id: bead.id }, word: 'Open bead' };
  return agent && beadId === null ? { drawer: { kind: 'agent', id: agent.id }, word: 'Open agent' } : null;
}

/** What agents ask permission for: a run waits for each, and is named by what it wants. */
export function wished(replica: Rows): Need[] {
  return [...replica.rows('permissions').values()]
    .filter((row) => row.answeredAt === null)
    .map((row) =>
      need({
        id: row.id,
        title: `${agentName(replica, row.agentId) ?? 'An agent'} asks: ${row.title}`,
        detail: `It ${WISHES[row.category]}, for ${workOf(replica, row)}`,
        at: row.askedAt,
        weight: 4,
        holds: 'bead',
        opens: { drawer: row.beadId ? { kind: 'bead', id: row.beadId } : { kind: 'agent', id: row.agentId } },
        permission: row,
      }),
    );
}
const workOf = (replica: Rows, { beadId }: PermissionRow): string => {
  const title = replica.rows('beads').get(beadId ?? '')?.title;
  return title === undefined ? 'a message that it works on.' : `“${title}”.`;
};

/** What a question for permission wants, after the name of the agent. */
export const WISHES: Record<PermissionCategory, string> = {
  web: 'asks to reach the network',
  outside: 'asks for files outside its worktree',
  commands: 'asks to run a command',
  other: 'asks for permission',
};
