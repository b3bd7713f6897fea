import { nextStep, type EscalationRow, type Failure, type RigRow, type RowOf, type TableName } from '@gastown/protocol';
import type { DrawerRef } from './drawers.ts';
import type { SettingsTab } from './navigation.ts';

/** One thing that needs a person, whatever table it comes from (I8). */
export interface Need {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  /** What ends the wait, where the failure's code knows it. */
  readonly step: string | null;
  readonly at: number;
  readonly weight: number;
  readonly opens: { drawer: DrawerRef } | { settings: SettingsTab };
  readonly escalation: EscalationRow | null;
  readonly retries:
    | { kind: 'bead.retry'; id: string }
    | { kind: 'effect.retry'; id: string }
    | { kind: 'quarantine.retry'; id: string }
    | { kind: 'rig.reconnect'; id: string }
    | null;
}
type Rows = { rows<T extends TableName>(table: T): ReadonlyMap<string | number, RowOf<T>> };

const WEIGHT = { critical: 4, high: 3, medium: 2, low: 1 } as const;
const says = (failure: Failure | null, otherwise: string) => failure?.message ?? otherwise;

export function needsOf(replica: Rows): Need[] {
  const open = [...replica.rows('escalations').values()].filter((row) => row.acknowledgedAt === null);
  const told = new Set(open.map((row) => row.beadId));
  const needs: Need[] = open.map((row) => {
    const bead = row.beadId ? replica.rows('beads').get(row.beadId) : undefined;
    return {
      id: row.id,
      title: bead?.title ?? agentName(replica, row.agentId) ?? 'The town asks',
      detail: row.message,
      step: null,
      at: row.createdAt,
      weight: WEIGHT[row.severity],
      opens: {
        drawer: row.beadId
          ? { kind: 'bead', id: row.beadId }
          : row.agentId
            ? { kind: 'agent', id: row.agentId }
            : { kind: 'bead', id: row.id },
      },
      escalation: row,
      retries: bead?.status === 'failed' ? { kind: 'bead.retry', id: bead.id } : null,
    };
  });
  for (const bead of replica.rows('beads').values()) {
    if (bead.status !== 'failed' || bead.archivedAt !== null || bead.type !== 'issue' || told.has(bead.id)) continue;
    needs.push(
      need(
        bead.id,
        bead.title,
        says(bead.failure, 'This bead failed.'),
        bead.updatedAt,
        2,
        { drawer: { kind: 'bead', id: bead.id } },
        { kind: 'bead.retry', id: bead.id },
      ),
    );
  }
  for (const rig of replica.rows('rigs').values()) {
    if (rig.state !== 'unreachable') continue;
    needs.push(
      need(
        rig.id,
        `${rig.name} ${troubleOf(rig)}`,
        says(rig.failure, 'The repository does not answer.'),
        rig.createdAt,
        3,
        { drawer: { kind: 'rig', id: rig.id } },
        { kind: 'rig.reconnect', id: rig.id },
        rig.failure && nextStep(rig.failure.code),
      ),
    );
  }
  for (const one of replica.rows('triage').values()) {
    if (one.resolvedAt !== null) continue;
    const drawer: DrawerRef = one.beadId ? { kind: 'bead', id: one.beadId } : { kind: 'agent', id: one.agentId };
    const title = agentName(replica, one.agentId) ?? 'An agent';
    needs.push(need(one.id, `${title} needs a decision`, one.message, one.createdAt, 3, { drawer }, null));
  }
  for (const effect of replica.rows('parked').values()) {
    needs.push(
      need(
        effect.id,
        `${effect.kind} gave up after ${effect.attempts} tries`,
        says(effect.failure, `Target: ${effect.target}`),
        effect.at,
        2,
        { settings: 'health' },
        { kind: 'effect.retry', id: effect.id },
      ),
    );
  }
  for (const input of replica.rows('quarantine').values()) {
    needs.push(
      need(
        input.id,
        `The town broke over ${INPUTS[input.source]} (${input.kind})`,
        input.times > 1 ? `${input.error} It came ${input.times} times.` : input.error,
        input.at,
        3,
        { settings: 'health' },
        input.retriable ? { kind: 'quarantine.retry', id: input.id } : null,
        nextStep('quarantined'),
      ),
    );
  }
  for (const town of replica.rows('town').values()) {
    if (town.container.state === 'failed')
      needs.push(
        need(
          'container',
          'The town container does not start',
          says(town.container.failure, 'No reason is known.'),
          town.container.since,
          4,
          { settings: 'general' },
          null,
        ),
      );
    if (town.dispatchHeld)
      needs.push(
        need(
          'dispatch',
          'No agent is started for a while: starts fail',
          says(town.dispatchHeld.failure, 'No reason is known.'),
          town.createdAt,
          4,
          { settings: 'general' },
          null,
        ),
      );
    if (!town.model && !town.scripted)
      needs.push(
        need('model', 'No model is configured', 'Agents cannot think without one.', town.createdAt, 3, { settings: 'models' }, null),
      );
    const trouble = modelTrouble(replica);
    if (trouble)
      needs.push(
        need(
          'model-trouble',
          'The model does not answer',
          trouble.message,
          town.createdAt,
          3,
          { settings: 'models' },
          null,
          nextStep(trouble.code),
        ),
      );
    if (town.budgetMicros !== null && town.usage.costMicros >= town.budgetMicros)
      needs.push(
        need(
          'budget',
          'The budget is spent',
          'No model call goes through until it is raised.',
          town.createdAt,
          3,
          { settings: 'budget' },
          null,
        ),
      );
  }
  return needs.toSorted((a, b) => b.weight - a.weight || b.at - a.at || a.id.localeCompare(b.id));
}

export const INPUTS = {
  report: 'a report of the runner',
  outcome: 'the outcome of a step',
  tool: 'a tool call of an agent',
  container: 'what was seen of the container',
  spend: 'what a model call cost',
} as const;

const need = (
  id: string,
  title: string,
  detail: string,
  at: number,
  weight: number,
  opens: Need['opens'],
  retries: Need['retries'],
  step: string | null = null,
): Need => ({ id, title, detail, step, at, weight, opens, escalation: null, retries });

/** The newest run of any agent ended because of the model, and none has got through since. */
function modelTrouble(replica: Rows): Failure | null {
  const newest = [...replica.rows('runs').values()].filter((run) => run.endedAt !== null).toSorted((a, b) => b.endedAt! - a.endedAt!)[0];
  const code = newest?.failure?.code;
  return newest?.failure && (code === 'model_unreachable' || code === 'model_key_refused') ? newest.failure : null;
}

const troubleOf = ({ failure }: RigRow): string =>
  failure?.code === 'repository_refused'
    ? 'refuses the credentials'
    : failure?.code === 'repository_not_found'
      ? 'is not found'
      : 'cannot be reached';

const agentName = (replica: Rows, id: string | null) => (id ? replica.rows('agents').get(id)?.name : undefined);
