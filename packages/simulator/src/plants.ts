import type { DueEffect, Sql, SqlValue } from '@gastown/town';
import type { Planted } from './scene.ts';

/** Bugs that are planted on purpose: each must be found by the checker that it names, or that checker proves nothing. */
export interface Plant extends Planted {
  readonly finds: string;
  readonly says: string;
}
type Run = Sql['run'];

/** Changes writes on their way to the store. */
const onRun =
  (change: (run: Run, text: string, parameters: SqlValue[]) => number): NonNullable<Planted['sql']> =>
  (sql) => ({ ...sql, run: (text, ...parameters) => change(sql.run, text, parameters) });
/** Changes what the store gives back. */
const onAll =
  (change: (all: Sql['all'], text: string, parameters: SqlValue[]) => ReturnType<Sql['all']>): NonNullable<Planted['sql']> =>
  (sql) => ({ ...sql, all: (text, ...parameters) => change(sql.all, text, parameters) });
/** The parameter of the column that a statement sets. */
function withColumn(text: string, parameters: SqlValue[], column: string, value: SqlValue): SqlValue[] {
  const at = text.indexOf(`${column} = ?`);
  if (at < 0) return parameters;
  const index = text.slice(0, at).split('?').length - 1;
  return parameters.with(index, value);
}
const once = (times: number): (() => boolean) => {
  let left = times;
  return () => (left -= 1) === 0;
};

export const PLANTS: Readonly<Record<string, Plant>> = {
  lost_bead: {
    finds: 'I1',
    says: 'a bead is forgotten in the transaction that makes it',
    get sql() {
      const now = once(6);
      return onRun((run, text, parameters) => {
        const changed = run(text, ...parameters);
        if (text.startsWith('INSERT INTO issues') && now()) run('DELETE FROM beads WHERE id = ?', parameters[0] ?? null);
        return changed;
      });
    },
  },
  no_fencing: {
    finds: 'I2',
    says: 'a run that has ended is taken for one that works',
    rates: { 'agent.late': 0.5, 'runner.has_a_rival': 0.3 },
    sql: onAll((all, text, parameters) => {
      const rows = all(text, ...parameters);
      return text === 'SELECT * FROM runs WHERE id = ?'
        ? rows.map((row) => (row.state === 'ended' ? { ...row, state: 'working' } : row))
        : rows;
    }),
  },
  no_lease: {
    finds: 'I3',
    says: 'a run that works has no lease',
    sql: onRun((run, text, parameters) =>
      run(text, ...(text.startsWith('UPDATE runs') ? withColumn(text, parameters, 'lease_until', null) : parameters)),
    ),
  },
  nobodys_work: {
    finds: 'I3',
    says: 'nothing follows for a bead from the end of its merge',
    town: (town) => ({
      ...town,
      handle: (envelope, moment, without) => town.handle(envelope, moment, new Set([...(without ?? []), 'merges'])),
    }),
  },
  queue_upside_down: {
    finds: 'I4',
    says: 'the last merge of a lane is taken for its front',
    sql: onAll((all, text, parameters) =>
      all(text.replace('ORDER BY lane, place LIMIT 3', 'ORDER BY lane, place DESC LIMIT 3'), ...parameters),
    ),
  },
  red_is_green: {
    finds: 'I5',
    says: 'a result that failed its gates counts as passed',
    rates: { 'agent.breaks_the_build': 0.4 },
    town: (town) => ({
      ...town,
      handle(envelope, moment) {
        const { command } = envelope;
        if (command.kind !== 'runner.report' || command.report.kind !== 'outcome') return town.handle(envelope, moment);
        const { outcome } = command.report;
        if (outcome.state !== 'succeeded' || outcome.value.kind !== 'tested') return town.handle(envelope, moment);
        const lied = { ...outcome, value: { ...outcome.value, passed: true, failure: null } };
        return town.handle({ ...envelope, command: { ...command, report: { ...command.report, outcome: lied } } }, moment);
      },
    }),
  },
  silent_change: {
    finds: 'I6',
    says: 'a status changes and the ledger does not hear of it',
    get sql() {
      const now = once(3);
      return onRun((run, text, parameters) =>
        text.startsWith('INSERT INTO bead_events') && parameters.includes('in_progress') && now() ? 1 : run(text, ...parameters),
      );
    },
  },
  silent_title: {
    finds: 'I6',
    says: 'a bead that closes gets another title and the ledger does not hear of it',
    sql: onRun((run, text, parameters) => {
      const [, , , beadId, , , , , , after] = parameters;
      if (text.startsWith('INSERT INTO bead_events') && after === 'closed')
        run(`UPDATE beads SET title = 'over' WHERE id = ?`, beadId ?? null);
      return run(text, ...parameters);
    }),
  },
  silent_edge: {
    finds: 'I6',
    says: 'a dependency is added and the ledger does not hear of it',
    sql: onRun((run, text, parameters) =>
      text.startsWith('INSERT INTO bead_events') && parameters[2] === 'dependency_added' ? 1 : run(text, ...parameters),
    ),
  },
  nobody_listens: {
    finds: 'I10',
    says: 'no agent is watched for its silence',
    rates: { 'agent.silent': 0.8, 'runner.watches_late': 1, 'runner.crashes': 0, 'store.dies_after_commit': 0 },
    sql: onAll((all, text, parameters) => {
      const rows = all(text, ...parameters);
      return text === `SELECT * FROM runs WHERE state <> 'ended'` ? rows.map((row) => ({ ...row, last_activity_at: null })) : rows;
    }),
  },
  warned_for_ever: {
    finds: 'I8',
    says: 'nobody counts how often an agent was warned for its silence',
    rates: { 'agent.silent': 1, 'runner.watches_late': 1, 'runner.crashes': 0, 'store.dies_after_commit': 0 },
    sql: onAll((all, text, parameters) => {
      const rows = all(text, ...parameters);
      return text.startsWith('SELECT * FROM runs') ? rows.map((row) => ({ ...row, warnings: 0 })) : rows;
    }),
  },
  back_from_the_end: {
    finds: 'I7',
    says: 'the town opens a bead again that was closed',
    get sql() {
      const now = once(2);
      return onRun((run, text, parameters) => {
        const changed = run(text, ...parameters);
        const [id, at, , beadId] = parameters;
        if (text.startsWith('INSERT INTO bead_events') && parameters[2] === 'closed' && String(beadId).startsWith('gt-') && now()) {
          run(`UPDATE beads SET status = 'open', closed_at = NULL WHERE id = ?`, beadId ?? null);
          const reopened = `INSERT INTO bead_events (id, at, type, bead_id, actor, actor_kind, cause, before, after, data) VALUES (?,?,'status_changed',?,'town','town','planted','closed','open','{}')`;
          run(reopened, Number(id) + 1, at ?? 0, beadId ?? null);
        }
        return changed;
      });
    },
  },
  restless_alarm: {
    finds: 'I8',
    says: 'the alarm rings every second, whether there is something to do or not',
    town(town) {
      let now = 0;
      return {
        ...town,
        handle(envelope, moment) {
          ({ now } = moment);
          return town.handle(envelope, moment);
        },
        nextWake: () => Math.min(town.nextWake() ?? Number.MAX_SAFE_INTEGER, now + 1_000),
      };
    },
  },
  open_purse: {
    finds: 'I9',
    says: 'nobody reads the limits of what may be spent',
    rates: { 'agent.big_spender': 0.6 },
    sql: onAll((all, text, parameters) => (text === 'SELECT * FROM spend_limits' ? [] : all(text, ...parameters))),
  },
  nobody_goes: {
    finds: 'I10',
    says: 'ready work is not seen',
    sql: onAll((all, text, parameters) => (text.includes('WITH RECURSIVE rig (id)') ? [] : all(text, ...parameters))),
  },
  miscounted_convoy: {
    finds: 'I11',
    says: 'a convoy does not count what of it is closed',
    sql: onRun((run, text, parameters) => run(text.replace('closed = closed + ?', 'closed = closed + 0 * ?'), ...parameters)),
  },
  blocked_for_ever: {
    finds: 'I12',
    says: 'a blocker that is done still counts',
    sql: onRun((run, text, parameters) =>
      text.includes('SET blockers = blockers + ?') && Number(parameters[0]) < 0 ? 1 : run(text, ...parameters),
    ),
  },
  said_twice: {
    finds: 'I13',
    says: 'a message that may have been seen goes out again and does not say so',
    rates: { 'runner.crashes': 0.05, 'host.dies': 0.4 },
    sql: onRun((run, text, parameters) => run(text.replace('again = 1', 'again = 0'), ...parameters)),
  },
  undead_town: {
    finds: 'I14',
    says: 'a deleted town does not know that it was deleted',
    rates: { 'people.delete_the_town': 0.2 },
    sql: onAll((all, text, parameters) => {
      const rows = all(text, ...parameters);
      return text.startsWith('SELECT * FROM town') ? rows.map((row) => ({ ...row, deleted_at: null })) : rows;
    }),
  },
  in_anothers_name: {
    finds: 'I15',
    says: 'what an agent moves is moved by another',
    sql: onRun((run, text, parameters) =>
      run(
        text,
        ...(text.startsWith('INSERT INTO bead_events') && parameters[6] === 'agent' ? parameters.with(5, 'ag-00000000') : parameters),
      ),
    ),
  },
  open_secret: {
    finds: 'I16',
    says: 'the name of a rig shows its token',
    sql: onAll((all, text, parameters) => {
      const rows = all(text, ...parameters);
      return text.startsWith('SELECT * FROM rigs') ? rows.map((row) => ({ ...row, name: row.token_sealed ?? row.name ?? '' })) : rows;
    }),
  },
  secret_in_the_ledger: {
    finds: 'I16',
    says: 'an event says with which secret it came about',
    get sql() {
      let secret: SqlValue = null;
      return onRun((run, text, parameters) => {
        secret = parameters.find((one) => typeof one === 'string' && one.startsWith('sealed:')) ?? secret;
        const told = text.startsWith('INSERT INTO bead_events') && secret !== null;
        return run(
          text,
          ...(told ? parameters.with(-1, JSON.stringify({ ...JSON.parse(String(parameters.at(-1))), secret })) : parameters),
        );
      });
    },
  },
  secret_on_its_way: {
    finds: 'I16',
    says: 'the address of a repository goes out with its token',
    town: (town) => ({
      ...town,
      takeDueEffects: (moment) =>
        town
          .takeDueEffects(moment)
          .map((due) =>
            due.effect.kind === 'rig.connect'
              ? { ...due, effect: { ...due.effect, gitUrl: `${due.effect.gitUrl}?${town.sealedRigToken(due.effect.rigId) ?? ''}` } }
              : due,
          ) as DueEffect[],
    }),
  },
  plain_secret: {
    finds: 'I16',
    says: 'what a person set as a secret stands in the title of the next bead',
    town(town) {
      let secret = '';
      return {
        ...town,
        handle(envelope, moment) {
          const wish = envelope.command.kind === 'person' ? envelope.command.command : null;
          if (wish && 'token' in wish) secret = wish.token ?? secret;
          if (wish && 'key' in wish) secret = wish.key ?? secret;
          if (wish?.kind !== 'bead.create') return town.handle(envelope, moment);
          const command = { kind: 'person', command: { ...wish, title: `${wish.title} ${secret}` }, secret: null } as const;
          return town.handle({ ...envelope, command }, moment);
        },
      };
    },
  },
  page_left_behind: {
    finds: 'I17',
    says: 'what pages are told is marked as what they know already',
    town: (town) => ({ ...town, since: (rev) => ({ ...town.since(rev), rev }) }),
  },
  stale_page: {
    finds: 'I17',
    says: 'what changes of beads is not told to pages',
    sql: onRun((run, text, parameters) =>
      run(text, ...(text.startsWith('INSERT INTO changes') ? parameters.with(-1, withoutBeads(parameters.at(-1))) : parameters)),
    ),
  },
  forgetful: {
    finds: 'I18',
    says: 'answers are not kept under their key',
    rates: { 'people.double_click': 0.5 },
    sql: onRun((run, text, parameters) => (text.startsWith('INSERT INTO keys') ? 1 : run(text, ...parameters))),
  },
  asked_for_ever: {
    finds: 'I19',
    says: 'nobody sees which questions are open, so none ends with its turn',
    rates: { 'agent.asks': 0.8 },
    sql: onAll((all, text, parameters) =>
      text.startsWith('SELECT * FROM permissions WHERE answered_at IS NULL') ? [] : all(text, ...parameters),
    ),
  },
  anywhere: {
    finds: 'I20',
    says: 'nobody reads which rigs a runner takes',
    sql: onAll((all, text, parameters) => {
      const rows = all(text, ...parameters);
      return text === 'SELECT * FROM runners' ? rows.map((row) => ({ ...row, rigs: null })) : rows;
    }),
  },
  diarist: {
    finds: 'RC-28',
    says: 'the town wakes every hour and writes down something new, whether it has work or not',
    town(town) {
      let hour = 0;
      return {
        ...town,
        handle(envelope, moment) {
          hour = Math.floor(moment.now / HOUR);
          const done = town.handle(envelope, moment);
          if (envelope.command.kind !== 'wake') return done;
          const command = { kind: 'person', command: { kind: 'town.rename', name: `hour ${hour}` }, secret: null } as const;
          town.handle({ key: null, actor: { kind: 'person', id: 'nobody', name: 'nobody' }, command }, moment);
          return done;
        },
        nextWake: () => Math.min(town.nextWake() ?? FAR, (hour + 1) * HOUR),
      };
    },
  },
  sleepless: {
    finds: 'P7',
    says: 'a town with nothing to do has its alarm set for tomorrow',
    town: (town) => ({ ...town, nextWake: () => town.nextWake() ?? FAR }),
  },
};
const FAR = Date.UTC(2030, 0, 1);
const HOUR = 3_600_000;

function withoutBeads(ids: SqlValue | undefined): SqlValue {
  if (typeof ids !== 'string') return ids ?? null;
  const { beads: _beads, ...others } = JSON.parse(ids) as Record<string, string[]>;
  return JSON.stringify(others);
}

export function plantOf(name: string | undefined): Plant | undefined {
  if (name === undefined) return undefined;
  const found = PLANTS[name];
  if (!found) throw new Error(`There is no plant ${name}; there are ${Object.keys(PLANTS).join(', ')}.`);
  return found;
}
