import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { AuditReport, BeadEvents, BeadsPage, BeadTimeline } from '@gastown/protocol';
import { describe, expect, it, vi } from 'vitest';
import { ask, command, HOST_KEY, refusalOf, signInStranger, valueOf } from '../../test/client.ts';
import { runnerOf, watch } from '../../test/runner.ts';
import { addRig, alarmOf, cured, effectOf, everyRow, poison, putIn, storageOf, stubOf, town } from '../../test/town.ts';

/** Without what it says of the speed of the machine that it runs on (RC-6). */
async function audit(id: string, cookie: string): Promise<AuditReport> {
  const report = AuditReport.parse(await valueOf(await ask(`/api/towns/${id}/audit`, { cookie })));
  return { ...report, findings: report.findings.filter(({ check }) => check !== 'RC-6') };
}
const asHost = (path: string) => ask(`/host/towns/${path}`, { headers: { 'x-host-key': HOST_KEY } });

/** A town with a connected rig, a runner, and one bead in line. */
async function working() {
  const one = await town();
  await valueOf(await addRig(one.cookie, one.id));
  const runner = await runnerOf(one.id, 'runner-works');
  const { effectId } = await effectOf(runner, 'rig.connect');
  const outcome = { state: 'succeeded', value: { kind: 'rig', defaultBranch: 'main', empty: false, head: null } };
  runner.send({ t: 'report', seq: 1, report: { kind: 'outcome', effectId, outcome } });
  await runner.until(({ t }) => t === 'ack');
  const rigId = putIn((await watch(one.id, one.cookie)).frames[0]!, 'rigs')[0]!.id;
  const { beadId } = await valueOf<{ beadId: string }>(
    await command(one.cookie, one.id, { kind: 'bead.create', rigId, title: 'the work' }),
  );
  return { ...one, runner, beadId };
}

describe('the doctor’s look at a living town (I6, RC-23, RC-26)', () => {
  it('finds nothing in a healthy town, says what it looked at, and what was done since the object woke', async () => {
    const { id, cookie, name } = await working();
    const report = await audit(id, cookie);
    expect(report).toMatchObject({ town: { id, name }, ok: true, findings: [], replay: { differences: [], unknown: 0 } });
    expect(report.metrics).toMatchObject({ commands: { 'rig.add': 1, 'runner.hello': 1, 'bead.create': 1 }, broken: {} });
    expect(report.metrics.actions.dispatch).toBeGreaterThan(0);
    expect(report.metrics.ticks.count).toBeGreaterThanOrEqual(4);
    expect(report.metrics.ticks.lastMs.every((ms) => ms >= 0 && ms < 5_000)).toBe(true);
    expect(report.nextWake).toBe(await alarmOf(id));
  });

  it('a dry run tells what would be done, and nothing is written, sent or set (RC-23)', async () => {
    const { id, cookie, runner } = await working();
    await storageOf(id, (state) => void state.storage.sql.exec('UPDATE outbox SET due_at = ?', Date.now() - 1_000));
    await storageOf(id, (state) => void state.storage.sql.exec(`UPDATE outbox SET state = 'pending'`));
    const [before, alarm, frames] = [await storageOf(id, everyRow), await alarmOf(id), runner.frames.length];
    const { dryRun } = await audit(id, cookie);
    expect(dryRun.effects).toEqual([expect.objectContaining({ kind: 'run.start', target: 'runner' })]);
    expect(await storageOf(id, everyRow)).toEqual(before);
    expect(await alarmOf(id)).toBe(alarm);
    expect(runner.frames.length).toBe(frames);
    await runDurableObjectAlarm(stubOf(id));
    await vi.waitUntil(() => runner.frames.filter(({ effectId }) => effectId === dryRun.effects[0]!.id).length > 0, { timeout: 3_000 });
  });

  it('tells of a town whose own row is damaged which column it is, and that nothing can be done, instead of breaking (DM-15)', async () => {
    const { id, cookie, name } = await working();
    await storageOf(id, (state) => void state.storage.sql.exec(`UPDATE town SET patrols = 'no JSON'`));
    const report = await audit(id, cookie);
    expect(report).toMatchObject({ ok: false, town: { id, name } });
    expect(report.findings.map(({ check, found }) => `${check} ${found}`)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^DM-15 town, without which the town can do nothing: column patrols/),
        expect.stringMatching(/^RC-15 every rule: column patrols/),
      ]),
    );
    await storageOf(id, (state) => void state.storage.sql.exec(`UPDATE town SET patrols = '{}'`));
    expect(await audit(id, cookie)).toMatchObject({ ok: true, findings: [] });
  });

  it('names damage by the bead and its last event, and the town goes on (I6)', async () => {
    const { id, cookie, beadId } = await working();
    await storageOf(id, (state) => void state.storage.sql.exec(`UPDATE beads SET title = 'another' WHERE id = ?`, beadId));
    const report = await audit(id, cookie);
    expect(report).toMatchObject({ ok: false, findings: [{ check: 'I6', grade: 'bad', since: { cause: 'dispatch' } }] });
    expect(report.findings[0]!.found).toBe(`${beadId}: title is another, the ledger says the work`);
    expect(report.replay.differences).toMatchObject([{ id: beadId, column: 'title', ledger: 'the work', table: 'another' }]);
  });

  it('names a lost alarm, a rule that breaks, and input in quarantine; the worst first', async () => {
    const { id, cookie, runner } = await working();
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    await poison(id, 'BEFORE UPDATE ON runs');
    const start = (await effectOf(runner, 'run.start')).effect as { runId: string; generation: number };
    const status = { kind: 'status', runId: start.runId, generation: start.generation, statusLine: 'thinking' };
    for (let said = 0; said < 3; said += 1) {
      const again = await runnerOf(id, 'runner-works');
      again.send({ t: 'report', seq: 2, report: status });
      if (said === 2) await again.until(({ t }) => t === 'ack');
      else await again.untilClosed();
    }
    await storageOf(id, (state) => state.storage.deleteAlarm());
    await storageOf(id, (state) => void state.storage.sql.exec('UPDATE outbox SET due_at = ?', Date.now() - 1_000));
    await storageOf(id, (state) => void state.storage.sql.exec(`UPDATE outbox SET state = 'sent'`));
    const report = await audit(id, cookie);
    expect(report.findings.map(({ check, grade }) => `${grade} ${check}`)).toEqual(
      expect.arrayContaining(['bad alarm', 'bad RC-15', 'note RC-9']),
    );
    expect(report.findings.at(-1)?.grade).toBe('note');
    expect(report.dryRun.broken.map(({ rule }) => rule)).toContain('effects');
    expect(report).toMatchObject({ ok: false, quarantined: 1 });
    log.mockRestore();
    await cured(id);
  });

  it('is for members of the town and for the launcher, by id or by name', async () => {
    const { id, name, cookie, beadId } = await working();
    const stranger = await signInStranger();
    expect(await refusalOf(await ask(`/api/towns/${id}/audit`, { cookie: stranger }))).toMatchObject({ status: 404 });
    for (const said of [id, name])
      expect(await valueOf(await asHost(`${encodeURIComponent(said)}/audit`))).toMatchObject({ town: { id, name }, ok: true });
    const line = BeadTimeline.parse(await valueOf(await asHost(`${id}/beads/${beadId}/events`)));
    expect(line.events.map(({ after }) => after)).toEqual(['open', 'in_progress']);
    const events = async (asked: string) => await ask(`/api/towns/${id}/beads/${asked}`, { cookie });
    const page = BeadEvents.parse(await valueOf(await events(`${beadId}/events`)));
    expect([page.earlier, ...page.events.map(({ after }) => after)]).toEqual([false, 'in_progress', 'open']);
    const [newest] = page.events;
    expect(BeadEvents.parse(await valueOf(await events(`${beadId}/events?limit=1`)))).toEqual({ events: [newest], earlier: true });
    expect(BeadEvents.parse(await valueOf(await events(`${beadId}/events?before=${newest!.id}`))).events).toEqual(page.events.slice(1));
    expect(await refusalOf(await events('gt-00000000/events'))).toMatchObject({ status: 404, failure: { code: 'unknown_bead' } });
    expect(await refusalOf(await events(`${beadId}/events?limit=9999`))).toMatchObject({ status: 400 });
    expect(await refusalOf(await asHost(`${id}/beads/gt-00000000/events`))).toMatchObject({ failure: { code: 'unknown_bead' } });
  });

  it('every bead is found page by page by a member of the town, and by the launcher with the rig by its name (UI-22)', async () => {
    const { id, name, cookie, beadId } = await working();
    const list = async (asked: string, by = cookie) => await ask(`/api/towns/${id}/beads${asked}`, { cookie: by });
    expect(await refusalOf(await list('', await signInStranger()))).toMatchObject({ status: 404 });
    const found = BeadsPage.parse(await valueOf(await list('?text=THE+work&status=in_progress')));
    expect(found).toMatchObject({ beads: [{ id: beadId, title: 'the work', body: null }], total: 1, next: null });
    expect(await valueOf(await list('?text=50%25'))).toEqual({ beads: [], total: 0, next: null });
    for (const bad of ['?limit=101', '?status=done', '?after=x', '?archived=1', `?text=${'x'.repeat(501)}`])
      expect(await refusalOf(await list(bad))).toMatchObject({ status: 400, failure: { code: 'invalid_input' } });
    expect(await refusalOf(await list('?rig=rig-00000000'))).toMatchObject({ failure: { code: 'unknown_rig' } });
    const [rig] = await valueOf<{ name: string }[]>(await asHost(`${id}/rigs`));
    expect(await valueOf(await asHost(`${encodeURIComponent(name)}/beads?rig=${rig!.name}`))).toMatchObject({ total: 1 });
  });

  it('counts from when the object woke', async () => {
    const { id, cookie } = await working();
    await evictDurableObject(stubOf(id));
    const { metrics } = await audit(id, cookie);
    expect(metrics).toMatchObject({ commands: {}, ticks: { count: 0 } });
  });
});
