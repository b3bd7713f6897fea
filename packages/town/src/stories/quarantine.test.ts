import { HOME_RUNNER, failure, LIMITS, type Generation, type QuarantineId, type QuarantineRow, type RunId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import type { Actor, Poison } from '../api.ts';
import { silentPolecat, story } from '../testing.ts';

/** A polecat at work, and input of which the shell says that the town broke over it. */
function atWork() {
  const one = story({ polecat: silentPolecat });
  const bead = one.wish('the work');
  one.runner.work();
  const start = one.runner.starts.find((run) => run.context.bead?.id === bead)!;
  const ref = { runId: start.runId, generation: start.generation };
  const instance = String(one.town.sql.all('SELECT instance FROM links')[0]!['instance']);
  const seq = () => Number(one.town.sql.all('SELECT seq FROM links')[0]!['seq']);
  const put = (input: Poison, actor: Actor = { kind: 'runner', instance }, error = 'TypeError: it broke') =>
    one.town.send({ kind: 'quarantine', input, actor, error, tries: 3 });
  const lost = (): Poison => ({
    kind: 'runner.report',
    runnerId: HOME_RUNNER,
    instance,
    seq: seq() + 1,
    report: { kind: 'run.lost', ...ref, failure: failure('agent_crashed') },
  });
  const rows = (): QuarantineRow[] => one.town.rows().quarantine;
  const events = () => one.town.rows().events.map(({ type, actor }) => `${type} ${actor}`);
  return { ...one, bead, ref, instance, seq, put, lost, rows, events };
}
const NOWHERE = 'qu-000000000000' as QuarantineId;

describe('input over which the town broke (RC-9)', () => {
  test('calls of a model that used the same are one row and are all booked: money is never under-counted (I9)', () => {
    const one = atWork();
    const usage = { inputTokens: 5, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costMicros: 7 };
    for (let n = 0; n < 3; n += 1) one.put({ kind: 'spend', runId: one.ref.runId, model: 'm', usage }, { kind: 'town' });
    const [row] = one.rows();
    expect(row).toMatchObject({ source: 'spend', times: 3 });
    one.town.must({ kind: 'quarantine.retry', quarantineId: row!.id });
    expect(one.town.rows().town[0]?.usage).toMatchObject({ inputTokens: 15, costMicros: 21 });
    expect(one.rows()).toEqual([]);
  });

  test('is kept and shown, its number is taken, and what comes after it is heard', () => {
    const one = atWork();
    const number = one.seq() + 1;
    expect(one.put(one.lost())).toMatchObject({ ok: true });
    expect(one.rows()).toMatchObject([
      { source: 'report', kind: 'run.lost', tries: 3, times: 1, retriable: true, error: 'TypeError: it broke', at: one.town.now },
    ]);
    expect(JSON.parse(one.rows()[0]!.payload)).toMatchObject({ report: { kind: 'run.lost', runId: one.ref.runId } });
    expect(one.seq()).toBe(number);
    expect(one.bead && one.town.rows().beads[0]).toMatchObject({ status: 'in_progress' });
    expect(one.town.report(one.instance, number + 1, { kind: 'status', ...one.ref, statusLine: 'still here' })).toMatchObject({ ok: true });
    expect(one.town.rows().agents.map((agent) => agent.statusLine)).toContain('still here');
    expect(one.events()).toContain('quarantined town');
  });

  test('is applied again as its original source when a person says so, and is gone then; both are in the ledger', () => {
    const one = atWork();
    one.put(one.lost());
    const { id } = one.rows()[0]!;
    expect(one.town.must({ kind: 'quarantine.retry', quarantineId: id })).toEqual({ quarantineId: id, result: { applied: 'applied' } });
    expect(one.runsOf(one.bead)[0]).toMatchObject({ state: 'ended', failure: { code: 'agent_crashed' } });
    expect(one.rows()).toEqual([]);
    expect(one.events()).toContain('quarantine_retried Ada');
    expect(one.town.person({ kind: 'quarantine.retry', quarantineId: id })).toMatchObject({ failure: { code: 'unknown_quarantined' } });
  });

  test('that is too late changes nothing when it is applied: it is fenced as it always was (I2, I18)', () => {
    const one = atWork();
    one.put(one.lost());
    one.town.must({ kind: 'bead.set_status', beadId: one.bead, status: 'closed' });
    expect(one.town.must({ kind: 'quarantine.retry', quarantineId: one.rows()[0]!.id })).toMatchObject({ result: { applied: 'run_over' } });
    expect(one.rows()).toEqual([]);
  });

  test('is discarded when a person says so', () => {
    const one = atWork();
    one.put(one.lost());
    one.town.must({ kind: 'quarantine.discard', quarantineId: one.rows()[0]!.id });
    expect(one.rows()).toEqual([]);
    expect(one.events()).toContain('quarantine_discarded Ada');
    expect(one.town.person({ kind: 'quarantine.discard', quarantineId: NOWHERE })).toMatchObject({
      failure: { code: 'unknown_quarantined' },
    });
  });

  test('an agent’s tool call is applied as that agent’s; a refusal leaves it where it is and says why', () => {
    const one = atWork();
    const cry = { severity: 'low', category: 'help', message: 'which colour?' };
    const tool = (runId: RunId, generation: Generation): Poison => ({
      kind: 'tool',
      runId,
      generation,
      tool: 'escalate',
      args: cry,
      evidence: null,
    });
    one.put(tool(one.ref.runId, one.ref.generation));
    one.town.must({ kind: 'quarantine.retry', quarantineId: one.rows()[0]!.id });
    expect(one.town.rows().escalations).toMatchObject([{ message: 'which colour?', beadId: one.bead }]);
    one.put(tool('run-00000000dead' as RunId, one.ref.generation));
    const refused = one.town.person({ kind: 'quarantine.retry', quarantineId: one.rows()[0]!.id });
    expect(refused).toMatchObject({ ok: false, failure: { code: 'unknown_run' } });
    expect(one.rows()).toHaveLength(1);
  });

  test('what was seen of a container is not applied when it was seen again since', () => {
    const one = atWork();
    one.put({ kind: 'container.observed', state: 'stopped', failure: null }, { kind: 'town' });
    one.town.now += 1_000;
    one.town.send({ kind: 'container.observed', state: 'stopped', failure: null });
    one.town.now += 1_000;
    const retried = one.town.person({ kind: 'quarantine.retry', quarantineId: one.rows()[0]!.id });
    expect(retried).toMatchObject({ ok: false, failure: { code: 'stale_input' } });
  });

  test('that breaks the town again stays where it is', () => {
    const one = atWork();
    one.put(one.lost());
    const { id } = one.rows()[0]!;
    one.town.sql.run('ALTER TABLE runs RENAME TO hidden');
    expect(() => one.town.person({ kind: 'quarantine.retry', quarantineId: id })).toThrow(/runs/);
    one.town.sql.run('ALTER TABLE hidden RENAME TO runs');
    expect(one.rows().map((row) => row.id)).toEqual([id]);
  });

  test('the same again is one row that counts; rows are bounded, and what goes is told', () => {
    const one = atWork();
    one.put(one.lost());
    one.put(one.lost());
    expect(one.rows()).toMatchObject([{ times: 2 }]);
    const most = LIMITS.quarantineRows.value;
    for (let at = 0; at < most + 5; at += 1) {
      one.town.now += 1;
      one.put({ kind: 'spend', runId: one.ref.runId, model: `m${at}`, usage: { ...USAGE, inputTokens: at } }, { kind: 'town' });
    }
    expect(one.rows()).toHaveLength(most);
    expect(one.rows().map((row) => row.kind)).toContain(`m${most + 4}`);
    expect(one.rows().map((row) => row.source)).not.toContain('report');
    expect(one.events().filter((event) => event === 'quarantine_dropped town')).toHaveLength(6);
  });

  test('has no credential and a bounded length, in its payload and in its error (I16, DM-17)', () => {
    const one = atWork();
    const tool = (text: string): Poison =>
      ({ kind: 'tool', ...one.ref, tool: 'mail', args: { text }, evidence: null }) as unknown as Poison;
    one.put(tool('my key is sk-ant-0123456789abcdef'), { kind: 'town' }, `broke at https://ada:hunter22@git.example ${'x'.repeat(2_000)}`);
    const text = JSON.stringify([one.rows(), one.town.sql.all('SELECT * FROM quarantine'), one.town.rows().events]);
    expect(text).not.toMatch(/0123456789abcdef|hunter22/);
    expect(one.rows()[0]!.error.length).toBeLessThanOrEqual(500);
    one.put(tool('word '.repeat(30_000)));
    expect(one.rows().map((row) => row.retriable)).toEqual([true, true]);
    one.put({
      kind: 'tool',
      ...one.ref,
      tool: 'mail',
      args: Array.from({ length: 90 }, () => 'word '.repeat(300)),
      evidence: null,
    } as unknown as Poison);
    const head = one.rows().find((row) => !row.retriable)!;
    expect(one.town.person({ kind: 'quarantine.retry', quarantineId: head.id })).toMatchObject({ failure: { code: 'stale_input' } });
  });
});
const USAGE = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costMicros: 0 };
