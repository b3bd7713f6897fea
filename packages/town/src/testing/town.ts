import { HOME_RUNNER, type PersonCommand, type Report, type Result, type RunnerId, type Tables } from '@gastown/protocol';
import type { Actor, DueEffect, Envelope, SealedSecret, Sql, Town, TownCommand } from '../api.ts';
import { openAuditor } from '../invariants.ts';
import { migrate } from '../migrations.ts';
import { openTown } from '../town.ts';
import { countingSql, type CountingSql } from './counting.ts';
import { seededRandom } from './random.ts';
import { dump } from './dump.ts';
import { memorySql } from './sqlite.ts';

/** A town on a manual clock, with every invariant checked after each step. Who plays the runner is `ScriptedRunner`. */
export interface TestTown {
  readonly town: Town;
  readonly sql: CountingSql;
  now: number;
  /** Alarms that fired in `sleep`. */
  wakes: number;
  /** Every effect handed out so far, oldest first. */
  readonly handed: DueEffect[];
  send(command: TownCommand, key?: string | null, actor?: Actor): Result<unknown>;
  person(command: PersonCommand, secret?: SealedSecret | null): Result<unknown>;
  must<V = unknown>(command: PersonCommand): V;
  report(instance: string, seq: number, report: Report, runnerId?: RunnerId): Result<unknown>;
  take(): DueEffect[];
  /** Lets time pass, firing the alarm whenever it is due; `between` performs what is due then. */
  sleep(ms: number, between?: () => void): void;
  rows(): Tables;
}

export const PERSON: Actor = { kind: 'person', id: 'u1', name: 'Ada' };
export const TOWN_CREATE: Extract<TownCommand, { kind: 'town.create' }> = {
  kind: 'town.create',
  id: 'town00000001',
  name: 'Testville',
  epoch: 'e1',
  gitName: 'Ada',
  gitEmail: 'ada@example.test',
  model: { provider: 'anthropic', model: 'scripted-1', baseUrl: null, price: null },
  modelKeyHint: 'abcd',
  scripted: false,
  agentKind: 'kilo',
};

export interface TestOptions {
  readonly seed?: number;
  readonly create?: Partial<typeof TOWN_CREATE> | null;
  readonly check?: boolean;
  readonly store?: Sql;
}

/** What the migrations make of nothing, made once and copied: each of a thousand tests would take longer to migrate than to run. */
let made: string | null = null;
function emptyStore(): Sql {
  const store = memorySql();
  if (made === null) {
    migrate(store);
    made = dump(store.db);
  } else store.db.exec(made);
  return store;
}

export function testTown(options: TestOptions = {}): TestTown {
  const sql = countingSql(options.store ?? emptyStore());
  const town = openTown(sql);
  const random = seededRandom(options.seed ?? 1);
  const moment = () => ({ now: test.now, random: (bytes: number) => random.hex(bytes) });
  const auditor = openAuditor(sql);
  const check = (about: string): void => {
    if (options.check === false) return;
    const found = auditor.look(test.now);
    if (found.length > 0) throw new Error(`after ${about}: ${found.map((one) => `${one.invariant} ${one.message}`).join('; ')}`);
  };
  const test: TestTown = {
    town,
    sql,
    now: 1_700_000_000_000,
    wakes: 0,
    handed: [],
    send(command, key = null, actor = { kind: 'town' }) {
      const envelope: Envelope = { key, actor, command };
      const before = sql.counts.rowsWritten;
      const result = town.handle(envelope, moment());
      if (!result.ok && sql.counts.rowsWritten !== before)
        throw new Error(`the refusal ${result.failure.code} of ${command.kind} wrote rows`);
      check(command.kind === 'person' ? command.command.kind : command.kind);
      return result;
    },
    person: (command, secret = null) => test.send({ kind: 'person', command, secret }, null, PERSON),
    must<V>(command: PersonCommand): V {
      const result = test.person(command);
      if (!result.ok) throw new Error(`${command.kind}: ${result.failure.code} ${result.failure.message}`);
      return result.value as V;
    },
    report: (instance, seq, report, runnerId = HOME_RUNNER) =>
      test.send({ kind: 'runner.report', runnerId, instance, seq, report }, null, { kind: 'runner', instance }),
    take() {
      const due = town.takeDueEffects(moment());
      test.handed.push(...due);
      check('takeDueEffects');
      return due;
    },
    sleep(ms, between = () => void test.take()) {
      const until = test.now + ms;
      for (let at = town.nextWake(); at !== null && at <= until; at = town.nextWake()) {
        test.now = Math.max(test.now, at);
        test.wakes += 1;
        if (test.wakes > 100_000) throw new Error('the alarm never rests');
        test.send({ kind: 'wake' });
        between();
      }
      test.now = until;
    },
    rows: () => ({
      town: [],
      rigs: [],
      beads: [],
      agents: [],
      runs: [],
      merges: [],
      nudges: [],
      escalations: [],
      triage: [],
      mail: [],
      molecules: [],
      events: [],
      parked: [],
      limits: [],
      quarantine: [],
      convoys: [],
      permissions: [],
      runners: [],
      ...town.snapshot().put,
    }),
  };
  if (options.create !== null) test.send({ ...TOWN_CREATE, ...options.create });
  return test;
}
