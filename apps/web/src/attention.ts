import {
  type BeadRow,
  nextStep,
  type EscalationRow,
  type Failure,
  type PermissionRow,
  type RigRow,
  type RowOf,
  type TableName,
  type TownRow,
  type TriageRow,
} from '@gastown/protocol';
import type { DrawerRef } from './drawers.ts';
import { figuresOf } from './limits.ts';
import type { SettingsTab } from './navigation.ts';
import { isPlanned } from './ordering.ts';
import { reachOf, reachSays } from './spending.ts';

/** One thing that needs a person, whatever table it comes from (I8). */
export interface Need {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  /** What ends the wait, where the failure's code knows it. */
  readonly step: string | null;
  /** Since when; 0: nobody knows. */
  readonly at: number;
  readonly weight: number;
  /** `word`: what the button says that goes to the settings. */
  readonly opens: { drawer: DrawerRef } | { settings: SettingsTab; limit?: string; word?: string } | { board: string };
  readonly escalation: EscalationRow | null;
  readonly triage: TriageRow | null;
  readonly permission: PermissionRow | null;
  readonly retries:
    | { kind: 'bead.retry'; id: string }
    | { kind: 'effect.retry'; id: string }
    | { kind: 'quarantine.retry'; id: string }
    | { kind: 'rig.reconnect'; id: string }
    | { kind: 'town.resume' }
    | { kind: 'dispatch.reset' }
    | { kind: 'convoy.start'; id: string }
    | { kind: 'bead.start'; beadId: string }
    | { kind: 'bead.start'; rigId: string }
    | null;
}
export type Rows = { rows<T extends TableName>(table: T): ReadonlyMap<string | number, RowOf<T>> };
/** The tables that `needsOf` reads: who shows its count listens to these. */
export const NEED_TABLES: readonly TableName[] = [
  'convoys',
  'escalations',
  'triage',
  'permissions',
  'beads',
  'rigs',
  'parked',
  'quarantine',
  'limits',
  'town',
  'agents',
  'runs',
  'runners',
];

const WEIGHT = { critical: 4, high: 3, medium: 2, low: 1 } as const;
const says = (failure: Failure | null, otherwise: string) => failure?.message ?? otherwise;

export function needsOf(replica: Rows): Need[] {
  const needs = [
    ...escalated(replica),
    ...asked(replica),
    ...wished(replica),
    ...failed(replica),
    ...unreachable(replica),
    ...missed(replica),
    ...parked(replica),
    ...putAside(replica),
    ...limited(replica),
    ...planned(replica),
    ...[...replica.rows('town').values()].flatMap((town) => ofTown(replica, town)),
  ];
  return needs.toSorted((a, b) => b.weight - a.weight || b.at - a.at || a.id.localeCompare(b.id));
}

type Plain = Pick<Need, 'id' | 'title' | 'detail' | 'at' | 'weight' | 'opens'> &
  Partial<Pick<Need, 'step' | 'escalation' | 'triage' | 'permission' | 'retries'>>;
const need = (plain: Plain): Need => ({
  step: null,
  escalation: null,
  triage: null,
  permission: null,
  retries: null,
  ...plain,
});
const openEscalations = (replica: Rows) => [...replica.rows('escalations').values()].filter((row) => row.acknowledgedAt === null);
const agentName = (replica: Rows, id: string | null) => (id ? replica.rows('agents').get(id)?.name : undefined);

function escalated(replica: Rows): Need[] {
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
      retries: bead?.status === 'failed' ? { kind: 'bead.retry', id: bead.id } : row.topic === 'model' ? { kind: 'dispatch.reset' } : null,
    });
  });
}

/** What a patrol found and cannot decide: answered with one of its actions (ES-7, ES-12). */
function asked(replica: Rows): Need[] {
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
function wished(replica: Rows): Need[] {
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

function failed(replica: Rows): Need[] {
  const told = new Set(openEscalations(replica).map((row) => row.beadId));
  return [...replica.rows('beads').values()]
    .filter((bead) => bead.status === 'failed' && bead.archivedAt === null && bead.type === 'issue' && !told.has(bead.id))
    .map((bead) =>
      need({
        id: bead.id,
        title: bead.title,
        detail: says(bead.failure, 'This bead failed.'),
        at: bead.updatedAt,
        weight: 2,
        opens: { drawer: { kind: 'bead', id: bead.id } },
        retries: { kind: 'bead.retry', id: bead.id },
      }),
    );
}

function unreachable(replica: Rows): Need[] {
  return [...replica.rows('rigs').values()]
    .filter((rig) => rig.state === 'unreachable')
    .map((rig) =>
      need({
        id: rig.id,
        title: `${rig.name} ${troubleOf(rig)}`,
        detail: says(rig.failure, 'The repository does not answer.'),
        at: rig.createdAt,
        weight: 3,
        opens: { drawer: { kind: 'rig', id: rig.id } },
        retries: { kind: 'rig.reconnect', id: rig.id },
        step: rig.failure && nextStep(rig.failure),
      }),
    );
}

const troubleOf = ({ failure }: RigRow): string =>
  failure?.code === 'repository_refused'
    ? 'refuses the credentials'
    : failure?.code === 'repository_not_found'
      ? 'is not found'
      : 'cannot be reached';

function parked(replica: Rows): Need[] {
  return [...replica.rows('parked').values()].map((effect) =>
    need({
      id: effect.id,
      title: `${effect.kind} gave up after ${effect.attempts} tries`,
      detail: says(effect.failure, `Target: ${effect.target}`),
      at: effect.at,
      weight: 2,
      opens: { settings: 'health', word: 'Town health' },
      retries: { kind: 'effect.retry', id: effect.id },
    }),
  );
}

export const INPUTS = {
  report: 'a report of the runner',
  outcome: 'the outcome of a step',
  tool: 'a tool call of an agent',
  container: 'what was seen of the container',
  spend: 'what a model call cost',
} as const;

function putAside(replica: Rows): Need[] {
  return [...replica.rows('quarantine').values()].map((input) =>
    need({
      id: input.id,
      title: `The town broke over ${INPUTS[input.source]} (${input.kind})`,
      detail: input.times > 1 ? `${input.error} It came ${input.times} times.` : input.error,
      at: input.at,
      weight: 3,
      opens: { settings: 'health', word: 'Town health' },
      retries: input.retriable ? { kind: 'quarantine.retry', id: input.id } : null,
      step: 'Apply it again, or read and discard it in Settings › Health.',
    }),
  );
}

/** Limits that hold something back and that nobody has asked about yet: beads, convoys and agents at a hard limit have an escalation of their own. */
function limited(replica: Rows): Need[] {
  return [...replica.rows('limits').values()].flatMap((limit) => {
    const figures = limit.of === '*' ? undefined : figuresOf(replica, limit.id);
    const reach = figures && reachOf(figures);
    if (!figures || !reach || (reach === 'hard' && limit.level !== 'town' && limit.level !== 'rig')) return [];
    const whose = limit.level === 'town' ? 'the town' : nameOf(replica, limit.level, limit.of);
    return need({
      id: `limit ${limit.id}`,
      title: reach === 'hard' ? `The budget of ${whose} is spent` : `The soft limit of ${whose} is reached`,
      detail: reachSays(reach, figures),
      at: 0,
      weight: reach === 'hard' ? 3 : 2,
      opens: { settings: 'spend', limit: limit.id, word: 'Raise' },
    });
  });
}
function nameOf(replica: Rows, level: string, id: string): string {
  if (level === 'rig') return `the rig ${replica.rows('rigs').get(id)?.name ?? id}`;
  if (level === 'agent') return agentName(replica, id) ?? id;
  if (level === 'convoy') return replica.rows('convoys').get(id)?.title ?? id;
  return replica.rows('beads').get(id)?.title ?? id;
}

/** Machines that are away while work may go nowhere else, and repositories that nobody takes: only a person can bring one. */
function missed(replica: Rows): Need[] {
  const waiting = Map.groupBy(
    [...replica.rows('beads').values()].filter(({ wait }) => wait?.code === 'runner_away' || wait?.code === 'no_runner'),
    ({ wait }) => `${wait?.code}:${wait?.ref ?? ''}`,
  );
  return [...waiting].map(([id, beads]) => {
    const [{ wait, rigId }] = beads as [BeadRow];
    const many = beads.length === 1 ? 'One bead waits' : `${beads.length} beads wait`;
    const runner = wait?.code === 'runner_away' ? replica.rows('runners').get(wait.ref ?? '') : undefined;
    const rig = replica.rows('rigs').get(rigId ?? '')?.name ?? 'a repository';
    return need({
      id,
      title: runner ? `The runner ${runner.name} ${runner.failure ? 'does not answer' : 'is not there'}` : `No runner takes ${rig}`,
      detail: runner ? `${many} for it, and may go nowhere else.` : `${many} for one.`,
      at: runner?.linkSince ?? 0,
      weight: 3,
      opens: runner ? { drawer: { kind: 'runner', id: runner.id } } : { settings: 'runners', word: 'Runners' },
    });
  });
}

/** What was planned and waits for a person's word to start: each convoy, and of each rig exactly the beads that one start of the rig begins. */
function planned(replica: Rows): Need[] {
  const convoys = [...replica.rows('convoys').values()].filter(
    ({ status, total, archivedAt }) => status === 'staged' && total > 0 && archivedAt === null,
  );
  const beads = Map.groupBy([...replica.rows('beads').values()].filter(isPlanned), ({ rigId }) => rigId);
  const count = (many: number, noun: string) => `${many.toLocaleString('en')} ${noun}${many === 1 ? '' : 's'}`;
  return [
    ...convoys.map((convoy) =>
      need({
        id: convoy.id,
        title: convoy.title,
        detail: `A plan of ${count(convoy.total, 'bead')}: nothing of it is worked on before you start it.`,
        at: convoy.createdAt,
        weight: 1,
        opens: { drawer: { kind: 'convoy', id: convoy.id } },
        retries: { kind: 'convoy.start', id: convoy.id },
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
        opens: others.length === 0 ? { drawer: { kind: 'bead', id: first!.id } } : { board: rigId ?? '' },
        retries: startOf(rigId, first!.id, others.length),
      }),
    ),
  ];
}

const startOf = (rigId: string | null, beadId: string, others: number): Need['retries'] => {
  if (others === 0) return { kind: 'bead.start', beadId };
  return rigId === null ? null : { kind: 'bead.start', rigId };
};

function ofTown(replica: Rows, town: TownRow): Need[] {
  const trouble = modelTrouble(replica);
  const about = { at: 0, weight: 3 };
  return [
    ...(town.container.state === 'failed'
      ? [
          need({
            id: 'container',
            title: 'The town container does not start',
            detail: says(town.container.failure, 'No reason is known.'),
            at: town.container.since,
            weight: 4,
            opens: { settings: 'general' },
          }),
        ]
      : []),
    ...(town.dispatchHeld
      ? [
          need({
            ...about,
            id: 'dispatch',
            title: 'No agent is started for a while: starts fail',
            detail: says(town.dispatchHeld.failure, 'No reason is known.'),
            weight: 4,
            opens: { settings: 'general' },
            retries: { kind: 'dispatch.reset' },
          }),
        ]
      : []),
    ...(!town.model && !town.scripted
      ? [
          need({
            ...about,
            id: 'model',
            title: 'No model is configured',
            detail: 'Agents cannot think without one.',
            opens: { settings: 'models', word: 'Choose a model' },
          }),
        ]
      : []),
    ...(trouble
      ? [
          need({
            ...about,
            id: 'model-trouble',
            title: 'The model does not answer',
            detail: trouble.message,
            opens: { settings: 'models' },
            step: nextStep(trouble),
          }),
        ]
      : []),
    ...(town.stopped
      ? [
          need({
            ...about,
            id: 'stopped',
            title: 'The town is stopped',
            detail: 'No agent works and no model call goes through. What was under way goes on when you resume.',
            opens: { settings: 'general' },
            retries: { kind: 'town.resume' },
          }),
        ]
      : []),
  ];
}

/** The newest run of any agent ended because the provider could not be reached, and none has got through since. What it refuses has an alert of its own. */
function modelTrouble(replica: Rows): Failure | null {
  const newest = [...replica.rows('runs').values()].filter((run) => run.endedAt !== null).toSorted((a, b) => b.endedAt! - a.endedAt!)[0];
  return newest?.failure?.code === 'model_unreachable' ? newest.failure : null;
}
