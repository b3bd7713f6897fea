import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { describe, expect, it, vi } from 'vitest';
import { command, refusalOf, valueOf } from '../../test/client.ts';
import { runnerOf, watch } from '../../test/runner.ts';
import { addRig, alarmOf, cured, effectOf, everyRow, poison, putIn, storageOf, stubOf, town } from '../../test/town.ts';

describe('what breaks the town', () => {
  it('a report over which the town breaks is tried three times, then kept for a person; what comes after it is heard (RC-9, I18)', async () => {
    const { id, cookie } = await town();
    await valueOf(await addRig(cookie, id));
    const first = await runnerOf(id, 'runner-breaks');
    const { effectId } = await effectOf(first, 'rig.connect');
    const outcome = { state: 'succeeded', value: { kind: 'rig', defaultBranch: 'main', empty: false, head: null } };
    const report = (seq: number) => ({ t: 'report', seq, report: { kind: 'outcome', effectId, outcome } });
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    await poison(id, 'BEFORE UPDATE ON rigs');
    for (const said of ['once', 'twice']) {
      const runner = await runnerOf(id, 'runner-breaks');
      runner.send(report(1));
      expect((await runner.untilClosed()).reason, said).toMatch(/^internal/);
      await evictDurableObject(stubOf(id));
    }
    const third = await runnerOf(id, 'runner-breaks');
    third.send(report(1));
    expect(await third.until(({ t }) => t === 'ack')).toEqual({ t: 'ack', seq: 1 });
    third.send({ t: 'report', seq: 2, report: { kind: 'renew', runs: [] } });
    await third.until(({ seq }) => seq === 2);
    const [kept] = putIn((await watch(id, cookie)).frames[0]!, 'quarantine');
    expect(kept).toMatchObject({
      source: 'outcome',
      kind: 'succeeded',
      tries: 3,
      times: 1,
      retriable: true,
      error: expect.stringContaining('poisoned'),
    });

    const retry = { kind: 'quarantine.retry', quarantineId: kept!.id };
    expect(await refusalOf(await command(cookie, id, retry))).toMatchObject({ failure: { code: 'quarantined' } });
    await cured(id);
    expect(await valueOf(await command(cookie, id, retry))).toMatchObject({ result: { applied: 'applied' } });
    const now = (await watch(id, cookie)).frames[0]!;
    expect(putIn(now, 'rigs')).toMatchObject([{ state: 'ready', defaultBranch: 'main' }]);
    expect(putIn(now, 'quarantine')).toEqual([]);
    log.mockRestore();
  });

  it('a town that cannot even keep what broke it goes on all the same', async () => {
    const { id, cookie } = await town();
    await valueOf(await addRig(cookie, id));
    const first = await runnerOf(id, 'runner-breaks');
    const { effectId } = await effectOf(first, 'rig.connect');
    const refused = { code: 'repository_not_found', message: 'It is not there.', details: {} };
    const outcome = { state: 'failed', failure: refused, retry: false };
    const report = (seq: number) => ({ t: 'report', seq, report: { kind: 'outcome', effectId, outcome } });
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    await storageOf(id, (state) => void state.storage.sql.exec('ALTER TABLE bead_events RENAME TO hidden'));
    for (const said of ['once', 'twice']) {
      const runner = await runnerOf(id, 'runner-breaks');
      runner.send(report(1));
      expect((await runner.untilClosed()).reason, said).toMatch(/^internal/);
    }
    const third = await runnerOf(id, 'runner-breaks');
    third.send(report(1));
    expect(await third.until(({ t }) => t === 'ack')).toEqual({ t: 'ack', seq: 1 });
    expect(log.mock.calls.map(([line]) => JSON.parse(String(line)).during)).toContain('quarantine');
    log.mockRestore();
    await storageOf(id, (state) => void state.storage.sql.exec('ALTER TABLE hidden RENAME TO bead_events'));
    third.send(report(2));
    await third.until(({ seq }) => seq === 2);
    expect(putIn((await watch(id, cookie)).frames[0]!, 'rigs')).toMatchObject([{ state: 'unreachable', failure: refused }]);
  });

  it('a rule that breaks is left out and named: what was said is heard, and it is tried again later (RC-15)', async () => {
    const { id, cookie } = await town();
    await valueOf(await addRig(cookie, id));
    const runner = await runnerOf(id);
    const { effectId } = await effectOf(runner, 'rig.connect');
    const outcome = { state: 'succeeded', value: { kind: 'rig', defaultBranch: 'main', empty: false, head: null } };
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    await poison(id, `BEFORE INSERT ON agents`);
    runner.send({ t: 'report', seq: 1, report: { kind: 'outcome', effectId, outcome } });
    await runner.until(({ t }) => t === 'ack');
    const rigId = putIn((await watch(id, cookie)).frames[0]!, 'rigs')[0]!.id;
    await valueOf(await command(cookie, id, { kind: 'bead.create', rigId, title: 'waits' }));
    const broken = log.mock.calls.map(([line]) => JSON.parse(String(line)));
    expect(broken).toEqual([
      expect.objectContaining({ during: 'rule', rule: 'dispatch', town: id, message: expect.stringContaining('poisoned') }),
    ]);
    expect(putIn((await watch(id, cookie)).frames[0]!, 'beads')).toMatchObject([{ title: 'waits', status: 'open' }]);
    expect((await alarmOf(id))!).toBeGreaterThan(Date.now());
    await cured(id);
    await runDurableObjectAlarm(stubOf(id));
    expect(putIn((await watch(id, cookie)).frames[0]!, 'beads')).toMatchObject([{ status: 'in_progress' }]);
    log.mockRestore();
  });

  it('a tool call over which the town breaks is answered, and kept for a person (RC-9)', async () => {
    const { id, cookie } = await town();
    await valueOf(await command(cookie, id, { kind: 'mayor.tell', text: 'hello' }));
    const runner = await runnerOf(id);
    const start = (await effectOf(runner, 'run.start')).effect as { runId: string; generation: number };
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    await poison(id, 'BEFORE INSERT ON escalations');
    const args = { severity: 'low', category: 'help', message: 'my token is ghp_0123456789abcdefghij' };
    const { runId, generation } = start;
    runner.send({ t: 'call', callId: 'c1', runId, generation, tool: 'escalate', args, evidence: null });
    expect(await runner.until(({ t }) => t === 'answer')).toMatchObject({
      callId: 'c1',
      result: { ok: false, failure: { code: 'quarantined' } },
    });
    const [kept] = putIn((await watch(id, cookie)).frames[0]!, 'quarantine');
    expect(kept).toMatchObject({ source: 'tool', kind: 'escalate', tries: 3 });
    expect(JSON.stringify(await storageOf(id, everyRow))).not.toContain('ghp_0123456789');
    expect(log).toHaveBeenCalledTimes(3);
    log.mockRestore();
    await cured(id);
    await valueOf(await command(cookie, id, { kind: 'quarantine.discard', quarantineId: kept!.id }));
    expect(putIn((await watch(id, cookie)).frames[0]!, 'quarantine')).toEqual([]);
  });

  it.each([
    ['disk_full', 'database or disk is full: SQLITE_FULL'],
    ['state_unwritable', 'attempt to write a readonly database: SQLITE_READONLY'],
  ])(
    'no input is at fault when the disk takes nothing: it is refused as %s with a next step, and taken when it comes again (RC-9, I10)',
    async (code, says) => {
      const { id, cookie } = await town();
      await valueOf(await command(cookie, id, { kind: 'mayor.tell', text: 'hello' }));
      const runner = await runnerOf(id, 'runner-full');
      const { runId, generation } = (await effectOf(runner, 'run.start')).effect as { runId: string; generation: number };
      const log = vi.spyOn(console, 'error').mockImplementation(() => {});
      await poison(id, 'BEFORE INSERT ON escalations', says);
      const args = { severity: 'low', category: 'help', message: 'x' };
      for (const callId of ['c1', 'c2', 'c3', 'c4']) {
        runner.send({ t: 'call', callId, runId, generation, tool: 'escalate', args, evidence: null });
        expect(await runner.until((frame) => frame['callId'] === callId)).toMatchObject({ result: { ok: false, failure: { code } } });
      }
      await cured(id);
      await poison(id, 'BEFORE INSERT ON rigs', says);
      expect(await refusalOf(await addRig(cookie, id))).toMatchObject({ failure: { code, details: { id: expect.any(String) as string } } });
      await cured(id);
      runner.send({ t: 'call', callId: 'c5', runId, generation, tool: 'escalate', args, evidence: null });
      expect(await runner.until((frame) => frame['callId'] === 'c5')).toMatchObject({ result: { ok: true } });
      expect(putIn((await watch(id, cookie)).frames[0]!, 'quarantine')).toEqual([]);
      log.mockRestore();
    },
  );
});
