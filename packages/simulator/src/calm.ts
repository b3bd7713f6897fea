import type { Sql } from '@gastown/town';
import type { BeadRow, PersonCommand, RunnerId } from '@gastown/protocol';
import type { Scene } from './scene.ts';
import { GOOD_TOKEN, MODEL_KEY } from './people/secrets.ts';
import { putRight } from './weather.ts';
import { Broken } from './world/world.ts';

/**
 * After the storm: nothing goes wrong any more, somebody puts every setting right, and the town must come to rest within two days of its own time (a question nobody answers is asked louder for half of one, and for permission it waits a whole one): every
 * bead closed, failed with a reason, or waiting for a person for a reason that is true (RC-28, I10), and no alarm set (P7).
 */
const REST_MS = 48 * 3_600_000;
const LATER_MS = 30 * 60_000;
const MOST_STEPS = 40_000;

export function beginCalm(scene: Scene): void {
  const { world, forge, shell } = scene;
  world.calm = true;
  world.tell('world', () => 'the storm is over');
  putRight(world);
  forge.recovers();
  for (const repository of forge.all()) forge.mend(repository);
  if (shell.memory.deleted || !shell.town) return;
  /** Half of what agents ask for is answered; the rest waits for nobody, and is denied in the end. */
  const { sql } = shell.store;
  const answered = ids(sql, 'SELECT id FROM permissions WHERE answered_at IS NULL').filter((_id, at) => at % 2 === 0);
  answered.forEach((permissionId, at) =>
    world.after(LATER_MS + at, () => say(scene, { kind: 'permission.answer', permissionId, decision: 'once' })),
  );
  const machines = ids(sql, `SELECT id FROM runners WHERE kind = 'machine' ORDER BY id`) as RunnerId[];
  /** Half of the machines are switched on and stay; the others are never seen again, and somebody takes them off the list. */
  const staying = machines.filter((_id, at) => at % 2 === 0);
  scene.machines.settle(staying);
  world.after(LATER_MS, () => {
    for (const id of wedged(sql)) if (staying.includes(id)) scene.machines.restart(id);
  });
  repairs(scene).forEach((command, at) => world.after(1 + at, () => say(scene, command)));
  /** A call that began with the old key may still tell that it was refused: a person sets the key again. */
  world.after(LATER_MS, () => say(scene, { kind: 'town.set_model_key', key: MODEL_KEY }));
}

function repairs({ shell }: Scene): unknown[] {
  const { sql } = shell.store;
  const rigs = ids(sql, `SELECT id FROM rigs WHERE state <> 'removed'`);
  const deferred = ids(sql, 'SELECT id FROM beads WHERE defer_until IS NOT NULL');
  return [
    {
      kind: 'town.configure',
      model: { provider: 'openai', model: 'm', baseUrl: null, price: null },
      budgetMicros: null,
      maxPolecats: 10,
      agentKind: 'kilo',
    },
    { kind: 'town.set_model_key', key: MODEL_KEY },
    /** What is held besides is let go first, and then its date ends. */
    ...[...deferred, ...deferred].map((beadId) => ({ kind: 'bead.start', beadId })),
    ...sql
      .all('SELECT level, id FROM spend_limits')
      .map(({ level, id }) => ({ kind: 'spend.limit', level, id, softMicros: null, hardMicros: null })),
    ...rigs.flatMap((rigId) => [
      { kind: 'rig.update', rigId, maxPolecats: 3 },
      { kind: 'rig.set_token', rigId, token: GOOD_TOKEN },
      { kind: 'rig.reconnect', rigId },
    ]),
    { kind: 'runner.update', runnerId: 'home', rigs: null, places: null, paused: false },
    ...ids(sql, `SELECT id FROM runners WHERE kind = 'machine' ORDER BY id`).map((runnerId, at) =>
      at % 2 === 0 ? { kind: 'runner.update', runnerId, places: 2, paused: false } : { kind: 'runner.remove', runnerId },
    ),
    ...ids(sql, 'SELECT id FROM rigs WHERE paused = 1').map((rigId) => ({ kind: 'rig.resume', rigId })),
    ...ids(sql, 'SELECT id FROM convoys WHERE paused = 1').map((convoyId) => ({ kind: 'convoy.resume', convoyId })),
    ...ids(sql, 'SELECT id FROM agents WHERE paused = 1').map((agentId) => ({ kind: 'agent.resume', agentId })),
    { kind: 'town.resume' },
  ];
}
/** Machines of which the town says that they do not answer, and that somebody has to start them again. */
const wedged = (sql: Sql) => sql.all('SELECT runner_id FROM links WHERE failure IS NOT NULL').map((row) => row.runner_id as RunnerId);
const ids = (sql: Sql, query: string) => sql.all(query).map((row) => row.id);
function say({ people }: Scene, command: unknown): void {
  people[0]?.wish(command satisfies unknown as PersonCommand);
}

/** Has everything that can happen happened? */
export const isAtRest = ({ world }: Scene, next: number | null): boolean => next === null || next > world.now + REST_MS;

export function mustSettle({ world, shell }: Scene, since: { at: number; steps: number }): void {
  const late = world.now - since.at > REST_MS || world.steps - since.steps > MOST_STEPS;
  if (!late || shell.memory.deleted) return;
  throw new Broken(
    'RC-28',
    `the town does not come to rest: ${
      unsettled(shell.town?.snapshot().put.beads ?? [], shell.store.sql)
        .slice(0, 3)
        .join('; ') || 'something keeps it awake'
    }`,
  );
}

/** Reasons to wait that only a person can end; `needs_person` says more than one thing, and is looked at below. */
const FOR_A_PERSON: readonly string[] = [
  'blocked_by_failed',
  'blocked_by_external',
  'staged',
  'held',
  'not_dispatched',
  'rig_unreachable',
  /** The Mayor may pause as well. */
  'rig_paused',
  'convoy_paused',
];
const FOR_ANOTHER: readonly string[] = ['blocked_by_open', 'waits_for_children', 'parent_blocked', 'parent_deferred'];

/** Somebody put it where it is by hand; or was asked about its merge, which failed; or took away its repository. */
const BY_HAND = `SELECT 1 FROM bead_events WHERE id = (SELECT max(id) FROM bead_events WHERE bead_id = ? AND after IS NOT NULL)
  AND (actor_kind = 'person' OR json_extract(data, '$.byHand'))`;
const ASKED = `SELECT 1 FROM merges m JOIN escalations e ON e.bead_id = m.bead_id AND (e.closed_at IS NULL OR e.created_at >= m.updated_at)
  WHERE m.rowid = (SELECT max(rowid) FROM merges WHERE bead_id = ?) AND m.phase = 'failed'`;
const REMOVED = `SELECT 1 FROM rigs r JOIN beads b ON b.rig_id = r.id WHERE b.id = ? AND r.state = 'removed'`;
const NEEDED: Readonly<Record<string, readonly string[]>> = { open: [REMOVED], in_progress: [BY_HAND], in_review: [BY_HAND, ASKED] };
export const isForAPerson = (sql: Sql, { id, status }: Pick<BeadRow, 'id' | 'status'>): boolean =>
  NEEDED[status]?.some((query) => sql.all(query, id).length > 0) === true;

function unsettled(beads: readonly BeadRow[], sql: Sql): string[] {
  return beads.flatMap((bead) => {
    if (bead.status === 'closed') return [];
    if (bead.status === 'failed') return bead.failure ? [] : [`${bead.id} failed without a reason`];
    const code = bead.wait?.code ?? 'nothing';
    const waits =
      (code === 'needs_person' && isForAPerson(sql, bead)) ||
      FOR_A_PERSON.includes(code) ||
      FOR_ANOTHER.includes(code) ||
      (code === 'deferred' && bead.wait?.until === null);
    return waits ? [] : [`${bead.id} is ${bead.status} and waits: ${code}`];
  });
}

export function mustBeSettled({ shell }: Scene): void {
  const { town } = shell;
  if (!town || shell.memory.deleted) return;
  const [first] = town.exists() ? unsettled(town.snapshot().put.beads ?? [], shell.store.sql) : [];
  if (first) throw new Broken('RC-28', first);
  const next = town.nextWake();
  if (next !== null) throw new Broken('P7', `the town is at rest and its alarm is set in ${next - shell.world.now} ms`);
}
