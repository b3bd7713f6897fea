import { TABLE_NAMES, type Delta, type Snapshot, type TableName } from '@gastown/protocol';
import { liveAgents, newestRetired } from '../agents/store.ts';
import type { Sql } from '../api.ts';
import { closedBefore, shownBeads } from '../beads/store.ts';
import { convoysById, liveConvoys, newestConvoys } from '../convoys/store.ts';
import { readTown, theTown } from '../config/store.ts';
import { allOpenEscalations, escalationsById, newestEscalations } from '../escalations/store.ts';
import { eventRows, feedEvents } from '../ledger/store.ts';
import { mergesById, newestMerges, queuedMerges } from '../merges/store.ts';
import { agentsWithOpenNudges, newestNudges, nudgesById, openNudges } from '../messages/store.ts';
import { newestPermissions, openPermissions, permissionsById } from '../permissions/store.ts';
import { allQuarantined, quarantinedById } from '../quarantine/store.ts';
import { allRigs } from '../rigs/store.ts';
import { liveRuns, newestRuns, runsById } from '../runs/store.ts';
import { allLimits } from '../spend/limits.ts';
import { mailById, newestMail, unreadMail } from '../mail/store.ts';
import { moleculeRows, moleculesById, newestMolecules, openMolecules } from '../molecules/store.ts';
import { newestTriage, openTriage, triageById } from '../triage/store.ts';
import { agentRows } from './agents.ts';
import { beadRowsOfFrame } from './beads.ts';
import { changedSince, currentRev } from './changes.ts';
import { convoyRows } from './convoys.ts';
import { rigRows, townRow } from './places.ts';
import { runnerRows } from './runners.ts';
import { escalationRows, mergeRows, nudgeRows, parkedRows, permissionRows, quarantineRows, runRows, mailRows, triageRows } from './work.ts';

/** How much of what is over a snapshot carries; all that is not over is always there. */
const NEWEST = {
  beads: 500,
  runs: 300,
  merges: 200,
  nudges: 200,
  escalations: 100,
  triage: 100,
  permissions: 200,
  mail: 200,
  molecules: 100,
  retired: 100,
  convoys: 100,
};

const idsOf = (rows: readonly { id: string }[]): string[] => [...new Set(rows.map((row) => row.id))];
const once = <R extends { id: string }>(...lists: (readonly R[])[]): R[] => [...new Map(lists.flat().map((row) => [row.id, row])).values()];

/** A merge or an event on the page says its bead's title, however many beads came after it. */
const spokenOf = (...lists: (readonly { beadId: string | null }[])[]): string[] => lists.flat().flatMap(({ beadId }) => beadId ?? []);

export function snapshot(sql: Sql): Snapshot {
  const rev = currentRev(sql);
  if (!readTown(sql)) return { t: 'snapshot', rev, epoch: '', put: {}, leftOut: { closed: false, archived: false } };
  const merges = once(queuedMerges(sql), newestMerges(sql, NEWEST.merges));
  const events = feedEvents(sql);
  const spoken = spokenOf(merges, events);
  return {
    t: 'snapshot',
    rev,
    epoch: theTown(sql).epoch,
    put: {
      town: [townRow(sql)],
      rigs: rigRows(sql, idsOf(allRigs(sql))),
      beads: beadRowsOfFrame(sql, [...new Set([...shownBeads(sql, NEWEST.beads), ...spoken])]),
      agents: agentRows(sql, idsOf([...liveAgents(sql), ...newestRetired(sql, NEWEST.retired)])),
      runs: runRows(sql, once(liveRuns(sql), newestRuns(sql, NEWEST.runs))),
      merges: mergeRows(sql, merges),
      nudges: nudgeRows(
        once(
          agentsWithOpenNudges(sql).flatMap((id) => openNudges(sql, id)),
          newestNudges(sql, NEWEST.nudges),
        ),
      ),
      escalations: escalationRows(once(allOpenEscalations(sql), newestEscalations(sql, NEWEST.escalations))),
      triage: triageRows(once(openTriage(sql), newestTriage(sql, NEWEST.triage))),
      mail: mailRows(once(unreadMail(sql), newestMail(sql, NEWEST.mail))),
      molecules: moleculeRows(sql, once(openMolecules(sql), newestMolecules(sql, NEWEST.molecules))),
      events,
      parked: parkedRows(sql, null),
      limits: allLimits(sql),
      quarantine: quarantineRows(allQuarantined(sql)),
      convoys: convoyRows(sql, once(liveConvoys(sql), newestConvoys(sql, NEWEST.convoys))),
      runners: runnerRows(sql, null),
      permissions: permissionRows(once(openPermissions(sql), newestPermissions(sql, NEWEST.permissions))),
    },
    leftOut: closedBefore(sql, NEWEST.beads, spoken),
  };
}

/** The rows that changed after `rev`, each once and as it is now; what changed and is not there any more is dropped. */
export function since(sql: Sql, rev: number): Delta | Snapshot {
  const changed = readTown(sql) ? changedSince(sql, rev) : null;
  if (!changed) return snapshot(sql);
  const put: Delta['put'] = {};
  const drop: Delta['drop'] = {};
  for (const table of TABLE_NAMES) {
    const ids = table === 'events' ? newest(sql, changed.events) : changed[table];
    if (ids.size === 0) continue;
    const rows = rowsOf(sql, table, ids);
    if (rows.length > 0) Object.assign(put, { [table]: rows });
    const gone = goneFrom(table, ids, rows);
    if (gone.length > 0) drop[table] = gone;
  }
  return { t: 'delta', rev: currentRev(sql), epoch: theTown(sql).epoch, put, drop };
}

/** A replica is sent no more events than these; they come in order. */
function newest(sql: Sql, events: ReadonlySet<string>): ReadonlySet<string> {
  for (const oldest of events) return new Set(feedEvents(sql, Number(oldest) - 1).map(({ id }) => String(id)));
  return events;
}

/** Touched ids that are no row of this table: gone, or a bead of a type that is shown elsewhere. */
function goneFrom(table: TableName, ids: ReadonlySet<string>, rows: readonly { id: string | number }[]): (string | number)[] {
  const there = new Set(rows.map((row) => String(row.id)));
  const gone = [...ids].filter((id) => !there.has(id));
  if (table === 'beads' || table === 'town') return [];
  return table === 'events' ? gone.map(Number) : gone;
}

function rowsOf(sql: Sql, table: TableName, ids: ReadonlySet<string>): readonly { id: string | number }[] {
  switch (table) {
    case 'town':
      return [townRow(sql)];
    case 'rigs':
      return rigRows(sql, [...ids]);
    case 'beads':
      return beadRowsOfFrame(sql, [...ids]);
    case 'agents':
      return agentRows(sql, [...ids]);
    case 'runs':
      return runRows(sql, runsById(sql, ids));
    case 'merges':
      return mergeRows(sql, mergesById(sql, ids));
    case 'nudges':
      return nudgeRows(nudgesById(sql, ids));
    case 'escalations':
      return escalationRows(escalationsById(sql, ids));
    case 'triage':
      return triageRows(triageById(sql, ids));
    case 'mail':
      return mailRows(mailById(sql, ids));
    case 'molecules':
      return moleculeRows(sql, moleculesById(sql, ids));
    case 'events':
      return eventRows(sql, ids);
    case 'convoys':
      return convoyRows(sql, convoysById(sql, ids));
    case 'permissions':
      return permissionRows(permissionsById(sql, ids));
    case 'runners':
      return runnerRows(sql, ids);
    case 'parked':
      return parkedRows(sql, ids);
    case 'limits':
      return allLimits(sql).filter((limit) => ids.has(limit.id));
    case 'quarantine':
      return quarantineRows(quarantinedById(sql, ids));
  }
}
