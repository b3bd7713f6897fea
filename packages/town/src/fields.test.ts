import { expect, test } from 'vitest';
import { checkInvariants } from './invariants.ts';
import { migrate } from './migrations.ts';
import { everything, memorySql } from './testing.ts';

/**
 * Every field has one home: its table, which one slice writes (`slices.test.ts`). A new column is entered here, after the question whether what it says is said
 * elsewhere already (DM-2).
 */
const FIELDS: Readonly<Record<string, string>> = {
  agents: 'id name role identity rig_id created_at failures retry_at retired_at paused',
  bad_lines: 'seq rig_id print import_id line bead_id field why mark text cut at',
  bead_events: 'id at type bead_id agent_id actor actor_kind cause before after data',
  beads:
    'id type status title body rig_id parent_id assignee_id rank labels metadata created_by created_at updated_at closed_at archived_at blockers retry_at kind hold defer_until deferred_parents waits blocked ephemeral overspent created_fine convoy_id convoy_place convoy_hold',
  breaker: 'id failures holds hold_until recent failure provider',
  changes: 'rev at ids',
  checkpoints: 'owner data at',
  container: 'id state since failure failures due_at reason restarts idle_since down',
  convoys: 'id status merge_mode paused created_at landed_at total closed failed next_place',
  dependencies: 'bead_id depends_on type gate',
  escalations:
    'id bead_id rig_id agent_id severity category message metadata created_at acknowledged_at acknowledged_by note closed_at topic raises raised_at',
  imported_lines: 'bead_id import_id line updated_at untaken',
  imports: 'id at rig_id created updated',
  issues: 'bead_id branch attempts starts failure timeout_ms wanted_agent',
  keys: 'key fingerprint result at',
  links: 'runner_id instance connected seq agent_kinds draining_at drain_until heard_at doubted_at isolation since away_until failure',
  mail: 'id sender sender_id agent_id subject body created_at carried_by nudge_id delivered_at',
  merges:
    'id bead_id rig_id run_id agent_id branch target_branch lane place head_commit phase builds base_commit merge_commit gates failure created_at updated_at landed_at runner_id',
  molecules: 'id bead_id title created_at closed_at',
  nudges: 'id agent_id text mode source state again created_at expires_at delivered_at',
  outbox: 'seq id kind target subject state attempts due_at failure created_at handed runner_id extended_since left_ms',
  permissions: 'id run_id request_id agent_id bead_id rig_id category title detail asked_at until answered_at answered_by decision reason',
  quarantine: 'id source kind print actor input kept error tries times first_at at',
  rigs: 'id name git_url created_at default_branch empty state failure token_sealed gates max_polecats paused permissions setup failing_since looks_again_at',
  runners: 'id name kind rigs places paused token_serial created_at standing',
  runs: 'id agent_id bead_id rig_id generation attempt state end_reason failure model agent_kind started_at ended_at lease_until last_activity_at status_line session_id instance nudge_id reminders branch head_commit commits summary done_at begun_at timeout_ms prods prodded_at trouble runner_id asks_since warnings model_config',
  spend: 'kind id input_tokens output_tokens cache_read_tokens cache_write_tokens cost_micros',
  spend_limits: 'level id soft_micros hard_micros',
  spend_minutes: 'minute rig agent model input_tokens output_tokens cache_read_tokens cache_write_tokens cost_micros',
  steps: 'molecule_id place id title text needs summary done_at',
  town: 'id name created_at epoch deleted_at paused model env_model env_key_hint key_sealed key_hint model_failure scripted agent_kind max_polecats git_name git_email stopped patrols swept_at staged_convoys model_set_at permissions setup role_models gates',
  triage: 'id kind subject agent_id bead_id rig_id message evidence created_at resolved_at resolved_by action notes',
};
test('the columns of every table are these: what is new is asked for its home (DM-2)', () => {
  const store = memorySql();
  migrate(store);
  const tables = store
    .all(`SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_version'`)
    .map((row) => String(row['name']));
  const columns = (table: string) => store.all('SELECT name FROM pragma_table_info(?)', table).map((row) => row['name']);
  expect(Object.fromEntries(tables.map((table) => [table, columns(table).join(' ')]))).toEqual(FIELDS);
});

/** What is kept a second time, so that a list or a start costs what it returns: where its home is, which invariant compares the two, and a lie that it must see. */
const KEPT_TWICE: readonly (readonly [field: string, home: string, invariant: string, lie: string])[] = [
  ['beads.status', 'the last move in bead_events', 'I6', `UPDATE beads SET status = 'failed' WHERE title = 'a note'`],
  ['beads.convoy_id', 'the edge tracks', 'I11', 'UPDATE beads SET convoy_id = NULL WHERE convoy_id IS NOT NULL'],
  ['the edge tracks', 'beads.convoy_id', 'I11', `DELETE FROM dependencies WHERE type = 'tracks'`],
  ['beads.convoy_hold', 'convoys.status and paused', 'I11', 'UPDATE beads SET convoy_hold = NULL WHERE convoy_hold IS NOT NULL'],
  ['convoys.total', 'the beads of the convoy', 'I11', 'UPDATE convoys SET total = total + 1'],
  ['convoys.closed', 'their status', 'I11', 'UPDATE convoys SET closed = closed + 1'],
  ['convoys.failed', 'their status', 'I11', 'UPDATE convoys SET failed = failed + 1'],
  ['beads.blockers', 'the edges blocks', 'I12', 'UPDATE beads SET blockers = blockers + 1'],
  ['beads.waits', 'the edges waits-for', 'I12', 'UPDATE beads SET waits = waits + 1'],
  ['beads.blocked', 'blockers, waits and those of its parents', 'I12', 'UPDATE beads SET blocked = 1 - blocked'],
  ['beads.deferred_parents', 'defer_until of its parents', 'I12', 'UPDATE beads SET deferred_parents = deferred_parents + 1'],
  ['beads.overspent', 'spend and spend_limits', 'MT-7', 'UPDATE beads SET overspent = 1 - overspent'],
  ['spend of the town', 'spend of its runs, and of minutes', 'MT-7', `UPDATE spend SET cost_micros = cost_micros + 1 WHERE kind = 'town'`],
];
test.each(KEPT_TWICE)('%s is kept beside %s, and %s compares them (DM-2)', (_field, _home, invariant, lie) => {
  const { town } = everything(memorySql());
  expect(checkInvariants(town.sql, town.now)).toEqual([]);
  town.sql.run(lie);
  expect(checkInvariants(town.sql, town.now).map((found) => found.invariant)).toContain(invariant);
});
