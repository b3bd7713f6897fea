import { HOME_RUNNER } from '@gastown/protocol';
import { agentExists, agentIds } from './agents/store.ts';
import { preview } from './audit/preview.ts';
import { audit } from './audit/report.ts';
import { beadEvents, timeline } from './audit/timeline.ts';
import { openCounters } from './counters.ts';
import type { DueEffect, Envelope, Moment, Sql, Town } from './api.ts';
import { modelsOf, readTown } from './config/store.ts';
import { takeDue } from './effects/take.ts';
import { badLinesPage } from './exchange/bad-lines.ts';
import { exportPage } from './exchange/export.ts';
import { beadAnswer, beadsPage, readyBeads, rigNamed, rigNames } from './exchange/list.ts';
import { handle } from './handle.ts';
import { findLink } from './links/store.ts';
import { migrate } from './migrations.ts';
import { remembering } from './remembering.ts';
import { findRig, liveRigs, rigIds } from './rigs/store.ts';
import { mayUseRig } from './runners/may-use.ts';
import { runnerSelf } from './runners/self.ts';
import { findRunner } from './runners/store.ts';
import { lastRunOfAgent } from './runs/store.ts';
import { spendSeries } from './spend/minutes.ts';
import { modelPass } from './spend/pass.ts';
import { currentRev } from './sync/changes.ts';
import { since, snapshot } from './sync/replica.ts';
import { rigRows } from './sync/places.ts';
import { openTx } from './tx.ts';
import { nextWake } from './wake.ts';

/**
 * The town over one SQLite store. Everything is in the rows, so it may be opened again at any time; what it has read it remembers
 * for one turn of the shell: command, due effects, next wake.
 * @throws when the store was written by a newer version (`state_too_new` in the message's cause).
 */
export function openTown(store: Sql): Town {
  const counters = openCounters();
  const sql: Sql = {
    ...store,
    unreadable(finding) {
      counters.unreadable(finding);
      store.unreadable?.(finding);
    },
  };
  const migrated = migrate(sql);
  if (!migrated.ok) throw new Error(migrated.failure.message, { cause: migrated.failure });
  /** A command, what is due after it, and the next wake are asked in one turn, of the same rows: what one has read the next knows. */
  let turn = remembering(sql);
  return {
    handle(envelope: Envelope, moment: Moment, without?: ReadonlySet<string>) {
      turn = remembering(sql);
      const changes: [rule: string, changes: number][] = [];
      const look = { ruled: (rule: string, count: number) => void changes.push([rule, count]), ...(without && { without }) };
      const result = counters.watch(() => handle(turn, envelope, moment, look));
      counters.command(envelope, result.ok);
      for (const [rule, count] of changes) counters.changed(rule, count);
      return result;
    },
    takeDueEffects: (moment: Moment): DueEffect[] => takeDue(openTx(turn, moment, { kind: 'town' }, 'take')),
    nextWake() {
      const asked = turn;
      turn = remembering(sql);
      return nextWake(asked);
    },
    preview: (moment, without = new Set()) => preview(sql, moment, without),
    audit: (now) => audit(sql, now),
    timeline: (beadId) => timeline(sql, beadId),
    beadEvents: (beadId, query) => beadEvents(sql, beadId, query),
    counted: counters.counted,
    rev: () => currentRev(sql),
    snapshot: () => snapshot(remembering(sql)),
    since: (rev) => since(remembering(sql), rev),
    modelPass: (sessionId, runnerId) => modelPass(sql, sessionId, runnerId),
    spendSeries: (query, now) => spendSeries(sql, query, now),
    models: () => {
      const town = readTown(sql);
      return town ? modelsOf(town) : [];
    },
    agentExists: (id) => agentExists(sql, id),
    agentIds: () => agentIds(sql),
    sealedRigToken: (rigId) => findRig(sql, rigId)?.tokenSealed ?? null,
    sealedSecrets: () => ({
      rigs: liveRigs(sql).flatMap(({ name, tokenSealed }) => (tokenSealed === null ? [] : [{ name, sealed: tokenSealed }])),
      modelKey: readTown(sql)?.keySealed ?? null,
    }),
    rigIds: () => rigIds(sql),
    runnerSeq: (runnerId, instance) => {
      const link = findLink(sql, runnerId);
      return link?.instance === instance ? link.seq : 0;
    },
    runnerSerial: (runnerId) => findRunner(sql, runnerId)?.tokenSerial ?? null,
    runnerMayUse: (runnerId, rigId) => mayUseRig(sql, runnerId, rigId),
    runnerOfAgent: (agentId) => lastRunOfAgent(sql, agentId)?.runnerId ?? HOME_RUNNER,
    runnerSelf: (runnerId) => runnerSelf(sql, runnerId),
    exportPage: (wish, now) => exportPage(sql, wish, now),
    badLines: (query) => badLinesPage(sql, query),
    ready: (order, limit) => readyBeads(remembering(sql), order, limit),
    beads: (query) => beadsPage(remembering(sql), query),
    bead: (id) => beadAnswer(remembering(sql), id),
    rigExists: (id) => findRig(sql, id) !== null,
    rigNamed: (named) => rigNamed(sql, named),
    rigNames: () => rigNames(sql),
    rigs: () =>
      rigRows(
        sql,
        liveRigs(sql).map(({ id }) => id),
      ),
    exists: () => {
      const town = readTown(sql);
      return town !== null && town.deletedAt === null;
    },
  };
}
