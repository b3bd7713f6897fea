import { failure, ok, refuse, type Result } from '@gastown/protocol';
import { AGENTS_PAUSE, AGENTS_RETIRED, AGENTS_TABLE } from './agents/table.ts';
import type { Sql } from './api.ts';
import {
  BEADS_CONVOYS,
  BEADS_FINE_TIME,
  BEADS_LISTED,
  BEADS_ORDERED,
  BEADS_OVERSPENT,
  BEADS_READY,
  BEADS_UNDISPATCHED,
  BEADS_TABLES,
  BEADS_TREE,
  BEADS_WANTED,
} from './beads/table.ts';
import {
  CONFIG_CONVOYS,
  CONFIG_MODEL_SET,
  CONFIG_PATROLS,
  CONFIG_PERMISSIONS,
  CONFIG_ROLE_MODELS,
  CONFIG_SETUP,
  CONFIG_STOPPED,
  CONFIG_TABLE,
  CONFIG_GATES,
} from './config/table.ts';
import { CONTAINER_DOWN, CONTAINER_IDLE, CONTAINER_RESTARTS, CONTAINER_TABLE } from './container/table.ts';
import { CONVOYS_TABLE } from './convoys/table.ts';
import { ESCALATIONS_TABLE, ESCALATIONS_RAISED } from './escalations/table.ts';
import { EXCHANGE_BAD_LINES, EXCHANGE_TABLES } from './exchange/table.ts';
import { LEDGER_TABLE } from './ledger/table.ts';
import { LINKS_BY_RUNNER, LINKS_ISOLATION, LINKS_TABLE, LINKS_WATCHED } from './links/table.ts';
import { MAIL_TABLE } from './mail/table.ts';
import { MERGES_PLACED, MERGES_TABLE } from './merges/table.ts';
import { MESSAGES_TABLES } from './messages/table.ts';
import { MOLECULES_TABLES } from './molecules/table.ts';
import { OUTBOX_EXTENDED, OUTBOX_HANDED, OUTBOX_LEFT, OUTBOX_PLACED, OUTBOX_TABLE, OUTBOX_UNINDEXED } from './outbox/table.ts';
import { PERMISSIONS_TABLE } from './permissions/table.ts';
import { QUARANTINE_TABLE } from './quarantine/table.ts';
import { RIGS_FAILING, RIGS_GATES, RIGS_PAUSE, RIGS_PERMISSIONS, RIGS_SETUP, RIGS_TABLE } from './rigs/table.ts';
import { RUNNERS_TABLE } from './runners/table.ts';
import { RUNS_ASKING, RUNS_MODEL_CONFIG, RUNS_PLACED, RUNS_PROVIDER, RUNS_TABLES, RUNS_WARNED, RUNS_WATCHED } from './runs/table.ts';
import { int } from './sql.ts';
import { SPEND_LIMITS, SPEND_MINUTES, SPEND_TABLE } from './spend/table.ts';
import { SYNC_TABLES } from './sync/table.ts';
import { TRIAGE_TABLE } from './triage/table.ts';

/** Numbered from 1; a published entry never changes, a new need is a new entry (DM-18). */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    ...CONFIG_TABLE,
    ...RIGS_TABLE,
    ...BEADS_TABLES,
    ...AGENTS_TABLE,
    ...RUNS_TABLES,
    ...MERGES_TABLE,
    ...MESSAGES_TABLES,
    ...ESCALATIONS_TABLE,
    ...SPEND_TABLE,
    ...LEDGER_TABLE,
    ...OUTBOX_TABLE,
    ...SYNC_TABLES,
    ...LINKS_TABLE,
    ...CONTAINER_TABLE,
  ],
  OUTBOX_HANDED,
  [
    ...BEADS_READY,
    ...SPEND_LIMITS,
    ...SPEND_MINUTES,
    ...CONFIG_STOPPED,
    ...BEADS_OVERSPENT,
    ...QUARANTINE_TABLE,
    ...EXCHANGE_TABLES,
    ...BEADS_FINE_TIME,
    ...RUNS_WATCHED,
    ...AGENTS_RETIRED,
    ...BEADS_WANTED,
    ...ESCALATIONS_RAISED,
    ...CONFIG_PATROLS,
    ...TRIAGE_TABLE,
    ...MAIL_TABLE,
    ...MOLECULES_TABLES,
    ...CONVOYS_TABLE,
    ...BEADS_CONVOYS,
    ...RIGS_PAUSE,
    ...AGENTS_PAUSE,
    ...CONFIG_CONVOYS,
    ...BEADS_UNDISPATCHED,
    ...BEADS_ORDERED,
    ...CONFIG_MODEL_SET,
    ...BEADS_TREE,
  ],
  [...PERMISSIONS_TABLE, ...CONFIG_PERMISSIONS, ...RIGS_PERMISSIONS],
  [...LINKS_WATCHED, ...CONTAINER_RESTARTS],
  [...CONFIG_SETUP, ...RIGS_SETUP, ...LINKS_ISOLATION, ...RUNS_PROVIDER],
  [...RUNNERS_TABLE, ...LINKS_BY_RUNNER, ...RUNS_PLACED, ...MERGES_PLACED, ...OUTBOX_PLACED],
  [...RUNS_ASKING],
  BEADS_LISTED,
  RUNS_WARNED,
  CONTAINER_IDLE,
  EXCHANGE_BAD_LINES,
  OUTBOX_UNINDEXED,
  RIGS_FAILING,
  OUTBOX_EXTENDED,
  OUTBOX_LEFT,
  CONTAINER_DOWN,
  [...CONFIG_ROLE_MODELS, ...RUNS_MODEL_CONFIG],
  [...CONFIG_GATES, ...RIGS_GATES],
];
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings the store to this version; refuses a store that a newer version wrote. Idempotent. */
export function migrate(sql: Sql): Result<number> {
  sql.run('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY) STRICT');
  const found = sql.all('SELECT max(version) AS version FROM schema_version')[0];
  const version = found?.version === null || !found ? 0 : int(found, 'version');
  if (version > SCHEMA_VERSION) {
    return refuse(
      failure('state_too_new', `The town's state has version ${version}; this program knows ${SCHEMA_VERSION}.`, {
        found: version,
        known: SCHEMA_VERSION,
      }),
    );
  }
  for (let next = version + 1; next <= SCHEMA_VERSION; next += 1) {
    for (const statement of MIGRATIONS[next - 1] ?? []) sql.run(statement);
    sql.run('INSERT INTO schema_version (version) VALUES (?)', next);
  }
  return ok(SCHEMA_VERSION);
}
