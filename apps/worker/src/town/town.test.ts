import { evictDurableObject, listDurableObjectIds, runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { Delta, LIMITS, Snapshot, type RunId } from '@gastown/protocol';
import { describe, expect, it, vi } from 'vitest';
import { ask, command, HOST_KEY, refusalOf, signInStranger, valueOf } from '../../test/client.ts';
import { dial, helloOf, runnerOf, watch } from '../../test/runner.ts';
import { addRig, alarmOf, effectOf, everyRow, hostCalls, putIn, storageOf, stubOf, tablesOf, town } from '../../test/town.ts';

describe('a town through the whole Worker', () => {
  it('is created, listed, renamed and answered for its owner only (AU-2)', async () => {
    const { id, name, cookie } = await town();
    expect(await valueOf(await ask('/api/towns', { cookie }))).toContainEqual({ id, name, createdAt: expect.any(Number) });
    await valueOf(await command(cookie, id, { kind: 'town.rename', name: 'New name' }));
    expect(await valueOf(await ask('/api/towns', { cookie }))).toContainEqual(expect.objectContaining({ id, name: 'New name' }));
    const stranger = await signInStranger();
    for (const path of ['live', 'agents/ag-00000000/live', 'agents/ag-00000000/items']) {
      expect(
        (await refusalOf(await ask(`/api/towns/${id}/${path}`, { cookie: stranger, headers: { upgrade: 'websocket' } }))).failure.code,
      ).toBe('unknown_town');
    }
    expect((await refusalOf(await command(stranger, id, { kind: 'town.pause' }))).status).toBe(404);
    expect((await refusalOf(await ask(`/api/towns/${id}`, { method: 'DELETE', body: { name }, cookie: stranger }))).status).toBe(404);
  });

  it('a creation that was interrupted is finished by the next listing (DL-2)', async () => {
    const { id, cookie } = await town();
    await env.DB.prepare("UPDATE towns SET state = 'creating' WHERE id = ?").bind(id).run();
    expect((await refusalOf(await command(cookie, id, { kind: 'town.pause' }))).failure.code).toBe('overloaded');
    expect(await valueOf(await ask('/api/towns', { cookie }))).toContainEqual(expect.objectContaining({ id }));
    expect((await command(cookie, id, { kind: 'town.pause' })).status).toBe(200);
  });

  it('sends a snapshot, then deltas; a browser that comes back gets what it missed', async () => {
    const { id, cookie } = await town();
    const browser = await watch(id, cookie);
    const snapshot = Snapshot.parse(browser.frames[0]);
    await valueOf(await command(cookie, id, { kind: 'town.pause' }));
    const delta = Delta.parse(await browser.until(({ t }) => t === 'delta'));
    expect(delta.rev).toBeGreaterThan(snapshot.rev);
    expect(delta.put.town).toMatchObject([{ paused: true }]);
    const back = await watch(id, cookie, { rev: snapshot.rev, epoch: snapshot.epoch });
    expect(back.frames[0]).toMatchObject({ t: 'delta', rev: delta.rev, put: { town: [{ paused: true }] } });
    expect((await watch(id, cookie, { rev: snapshot.rev, epoch: 'another' })).frames[0]).toMatchObject({ t: 'snapshot' });
    expect((await watch(id, cookie, { rev: 1_000_000, epoch: snapshot.epoch })).frames[0]).toMatchObject({ t: 'snapshot' });
  });

  it('changes within 50 ms travel together, and none is lost', async () => {
    const { id, cookie } = await town();
    const browser = await watch(id, cookie);
    const rigs = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    await Promise.all(rigs.map((name) => addRig(cookie, id, name)));
    const named = () => new Set(browser.frames.flatMap((frame) => putIn(frame, 'rigs')).map((rig) => rig.name));
    await vi.waitUntil(() => named().size === rigs.length, { timeout: 3_000 });
    expect(browser.frames.length).toBeLessThan(rigs.length);
  });

  it('sockets of browser and runner survive the sleep of the object, and so does what a browser had', async () => {
    const { id, cookie } = await town();
    const browser = await watch(id, cookie);
    const runner = await runnerOf(id);
    await browser.until((frame) => frame.t === 'delta' && putIn(frame, 'town').some((row) => row.runnerConnected === true));
    await evictDurableObject(stubOf(id));
    await valueOf(await addRig(cookie, id));
    await effectOf(runner, 'rig.connect');
    const last = await browser.until((frame) => putIn(frame, 'rigs').length > 0);
    expect(putIn(last, 'rigs')).toMatchObject([{ name: 'api', tokenSet: true }]);
    expect(putIn(last, 'town').every((row) => row.runnerConnected === true)).toBe(true);
  });

  it('a browser frame that is wrong closes its socket and changes nothing', async () => {
    const { id, cookie } = await town();
    for (const [frame, reason] of [
      ['{', 'invalid_json'],
      [{ t: 'hello', rev: -1, epoch: null }, 'invalid_input: rev'],
    ] as const) {
      const browser = await watch(id, cookie);
      browser.send(frame);
      expect(await browser.untilClosed()).toMatchObject({ code: 1008, reason: expect.stringContaining(reason) });
    }
  });

  it('the same key gives the same answer and does nothing twice; with another command it is refused (TL-3, I18)', async () => {
    const { id, cookie } = await town();
    const add = (name: string) =>
      command(
        cookie,
        id,
        { kind: 'rig.add', name, gitUrl: `https://example.com/${name}.git`, token: 'ghp_the_token_of_the_rig' },
        'same-key-1',
      );
    const [first, second] = [await valueOf(await add('api')), await valueOf(await add('api'))];
    expect(second).toEqual(first);
    expect((await refusalOf(await add('web'))).failure.code).toBe('conflicting_key');
    expect(putIn((await watch(id, cookie)).frames[0]!, 'rigs')).toHaveLength(1);
  });

  it('names an unknown command, and the field of a wrong one (TL-4)', async () => {
    const { id, cookie } = await town();
    expect(await refusalOf(await command(cookie, id, { kind: 'town.explode' }))).toMatchObject({
      status: 400,
      failure: { code: 'unknown_command' },
    });
    expect(await refusalOf(await command(cookie, id, { kind: 'rig.add', name: 'x' }))).toMatchObject({
      status: 400,
      failure: { code: 'invalid_input', message: expect.stringMatching(/^command\.gitUrl: /) },
    });
    expect(await refusalOf(await command(cookie, id, { kind: 'mayor.tell', text: 'x'.repeat(100_001) }))).toMatchObject({
      failure: { message: expect.stringMatching(/^command\.text: .*100000/) },
    });
  });
});

describe('the link', () => {
  it('a rig’s connection goes out as an effect when a container and a runner are there, and its report is acknowledged', async () => {
    const { id, cookie } = await town();
    await valueOf(await addRig(cookie, id));
    await vi.waitUntil(async () => (await hostCalls()).some(({ url, method }) => method === 'PUT' && url.endsWith(`/containers/${id}`)), {
      timeout: 3_000,
    });
    const start = (await hostCalls()).find(({ url, method }) => method === 'PUT' && url.endsWith(id))!;
    expect(Object.keys((JSON.parse(start.body) as { env: object }).env).toSorted()).toEqual([
      'GASTOWN_RUNNER_TOKEN',
      'GASTOWN_TOWN',
      'GASTOWN_URL',
    ]);
    const runner = await runnerOf(id);
    const { effectId } = await effectOf(runner, 'rig.connect');
    const outcome = { state: 'succeeded', value: { kind: 'rig', defaultBranch: 'main', empty: false, head: null } };
    runner.send({ t: 'report', seq: 1, report: { kind: 'outcome', effectId, outcome } });
    expect(await runner.until(({ t }) => t === 'ack')).toEqual({ t: 'ack', seq: 1 });
    expect(putIn((await watch(id, cookie)).frames[0]!, 'rigs')).toMatchObject([{ state: 'ready', defaultBranch: 'main' }]);
  });

  it('a report that skips a number is not acknowledged: the runner is closed out and learns what is committed', async () => {
    const { id } = await town();
    const runner = await runnerOf(id, 'runner-skips');
    runner.send({ t: 'report', seq: 1, report: { kind: 'renew', runs: [] } });
    await runner.until(({ t }) => t === 'ack');
    runner.send({ t: 'report', seq: 3, report: { kind: 'renew', runs: [] } });
    expect((await runner.untilClosed()).reason).toMatch(/^invalid_input/);
    const again = await runnerOf(id, 'runner-skips');
    expect(again.frames[0]).toEqual({ t: 'welcome', seq: 1, rigs: [] });
  });

  it('a welcome names the rigs that the town has, and a runner that is linked is told when one is removed, so that a runner keeps nothing of one that was removed (design/runner.md §2)', async () => {
    const { id, cookie } = await town();
    const { rigId } = await valueOf<{ rigId: string }>(await addRig(cookie, id));
    const linked = await runnerOf(id);
    expect(linked.frames[0]).toMatchObject({ t: 'welcome', rigs: [rigId] });
    await valueOf(await command(cookie, id, { kind: 'rig.remove', rigId, force: true }));
    expect(await linked.until(({ t }) => t === 'rigs')).toEqual({ t: 'rigs', rigs: [] });
    expect((await runnerOf(id)).frames[0]).toMatchObject({ t: 'welcome', rigs: [] });
  });

  it('another runner replaces the first, which is told to go; the same one on a new connection is not', async () => {
    const { id } = await town();
    const first = await runnerOf(id, 'runner-one');
    const same = await runnerOf(id, 'runner-one');
    expect(await first.untilClosed()).toMatchObject({ code: 1000 });
    expect(first.frames.some(({ t }) => t === 'bye')).toBe(false);
    const second = await runnerOf(id, 'runner-two');
    expect(await same.until(({ t }) => t === 'bye')).toMatchObject({ failure: { code: 'stale_generation' } });
    second.send({ t: 'door', askId: 'a', pool: 'kilo-1' });
    expect(await second.until(({ t }) => t === 'door')).toMatchObject({ askId: 'a', token: expect.stringMatching(/^gtd\./) });
  });

  it.each([
    ['a frame before hello', { t: 'door', askId: 'a', pool: 'kilo-1' }, 'stale_generation'],
    ['another protocol', { ...helloOf('runner-new'), protocol: 2 }, 'invalid_input: protocol'],
    ['no JSON', 'nonsense', 'invalid_json'],
  ])('%s closes the link and changes nothing', async (_name, frame, reason) => {
    const { id } = await town();
    const link = await dial(id);
    link.send(frame);
    expect(await link.untilClosed()).toMatchObject({ code: 1008, reason: expect.stringContaining(reason) });
  });

  it('a hello that is said again on the same connection closes it, and so does a question with an id of any length', async () => {
    const { id } = await town();
    const runner = await runnerOf(id, 'runner-again');
    runner.send(helloOf('runner-again'));
    expect(await runner.untilClosed()).toEqual({
      code: 1008,
      reason: 'invalid_input: t: hello comes once, at the beginning of a connection',
    });
    const back = await runnerOf(id, 'runner-again');
    back.send({ t: 'door', askId: 'a'.repeat(65), pool: 'p' });
    expect(await back.untilClosed()).toMatchObject({ code: 1008, reason: expect.stringContaining('askId') as string });
  });

  it('opens a rig’s token for the runner, and for nobody else on any read path (CF-13, I16)', async () => {
    const { id, cookie } = await town();
    const browser = await watch(id, cookie);
    const { rigId } = await valueOf<{ rigId: string }>(await addRig(cookie, id));
    await valueOf(await command(cookie, id, { kind: 'town.set_model_key', key: 'sk-the-key-of-the-town-4321' }));
    const runner = await runnerOf(id);
    runner.send({ t: 'credential', askId: 'c', rigId });
    expect(await runner.until(({ t }) => t === 'credential')).toEqual({ t: 'credential', askId: 'c', token: 'ghp_the_token_of_the_rig' });
    await browser.until((frame) => putIn(frame, 'town').some((row) => row.modelKey === '4321'));
    const read = [
      ...browser.frames,
      ...(await watch(id, cookie)).frames,
      ...runner.frames.filter(({ t }) => t !== 'credential'),
      await (await ask('/api/session', { cookie })).text(),
      await (await ask('/api/towns', { cookie })).text(),
      await storageOf(id, everyRow),
      await hostCalls(),
    ];
    const text = JSON.stringify(read);
    expect(text).toContain('tokenSet');
    for (const secret of ['ghp_the_token_of_the_rig', 'sk-the-key-of-the-town-4321', 'sk-environment', env.SEAL_KEY])
      expect(text).not.toContain(secret);
  });

  it('a runner whose machine died is noticed when the town wakes', async () => {
    const { id, cookie } = await town();
    await runnerOf(id, 'runner-dies');
    await storageOf(id, (state) => state.storage.kv.put('link:home', { instance: 'runner-that-has-no-socket', linked: true }));
    await evictDurableObject(stubOf(id));
    await valueOf(await command(cookie, id, { kind: 'town.pause' }));
    expect(await storageOf(id, (state) => state.storage.kv.get('link:home'))).toMatchObject({ linked: false });
  });

  it('what a version with one runner only kept of it is the container’s', async () => {
    const { id, cookie } = await town();
    const { socket, instance } = await runnerOf(id);
    await storageOf(id, ({ storage: { kv } }) => {
      kv.delete('link:home');
      kv.put('runner', instance);
      kv.put('linked', true);
    });
    await evictDurableObject(stubOf(id));
    await valueOf(await command(cookie, id, { kind: 'town.pause' }));
    expect(await storageOf(id, ({ storage: { kv } }) => [kv.get('link:home'), kv.get('runner')])).toEqual([
      { instance, linked: true },
      undefined,
    ]);
    expect(socket.readyState).toBe(WebSocket.OPEN);
  });

  it('a tool call is answered, once and for all under its call id', async () => {
    const { id } = await town();
    const runner = await runnerOf(id);
    runner.send({ t: 'call', callId: 'c1', runId: 'run-000000000000' as RunId, generation: 1, tool: 'prime', args: {}, evidence: null });
    expect(await runner.until(({ t }) => t === 'answer')).toMatchObject({
      callId: 'c1',
      result: { ok: false, failure: { code: expect.stringMatching(/^(unknown_run|run_over)$/) } },
    });
  });
});

describe('time', () => {
  it('an idle town sets no alarm and wakes for nothing (P7)', async () => {
    const { id, cookie } = await town();
    await watch(id, cookie);
    expect(await alarmOf(id)).toBeNull();
    expect(await runDurableObjectAlarm(stubOf(id))).toBe(false);
  });

  it('a town with something due has an alarm; a tick that breaks is tried again later, ever more slowly', async () => {
    const { id, cookie } = await town();
    await valueOf(await addRig(cookie, id));
    await vi.waitUntil(async () => (await alarmOf(id)) !== null, { timeout: 3_000 });
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    await storageOf(id, (state) => void state.storage.sql.exec('ALTER TABLE permissions RENAME TO hidden'));
    const waits: number[] = [];
    for (let tick = 0; tick < 3; tick++) {
      const before = Date.now();
      await runDurableObjectAlarm(stubOf(id));
      waits.push((await alarmOf(id))! - before);
    }
    const told = log.mock.calls.map(([line]) => JSON.parse(String(line)));
    expect(told.filter(({ during }) => during === 'alarm').map(({ failures }) => failures)).toEqual(['1', '2', '3']);
    expect(told.filter(({ during }) => during === 'rule').map(({ rule }) => rule)).toContain('permissions');
    log.mockRestore();
    expect(waits.every((wait, at) => wait >= 2_000 * 2 ** at && wait < 3_000 * 2 ** at)).toBe(true);
    await storageOf(id, (state) => void state.storage.sql.exec('ALTER TABLE hidden RENAME TO permissions'));
    await runDurableObjectAlarm(stubOf(id));
    expect(await storageOf(id, (state) => state.storage.kv.get('alarmFailures'))).toBe(0);
  });

  it('after a start of the machine each town learns what the environment offers, and that its container is gone', async () => {
    const { id, cookie } = await town();
    await valueOf(await addRig(cookie, id));
    await runnerOf(id);
    const starts = async () => (await hostCalls()).filter(({ url, method }) => method === 'PUT' && url.endsWith(id)).length;
    await env.CONTAINER.get(env.CONTAINER.idFromName(id)).start(id, 1);
    const before = await starts();
    const browser = await watch(id, cookie);
    expect((await ask('/host/boot', { method: 'POST', body: {}, headers: { 'x-host-key': HOST_KEY } })).status).toBe(200);
    await browser.until((frame) => frame.t === 'delta' && putIn(frame, 'town').some((row) => row.runnerConnected === false));
    // The rig is not connected yet, so there is work: the container is started again.
    await vi.waitUntil(async () => (await starts()) > before, { timeout: 3_000 });
  });
});

it('the launcher lists the towns and the rigs of one, without any secret; nobody else does', async () => {
  const { id, name, cookie } = await town();
  await valueOf(await addRig(cookie, id, 'shop'));
  const host = { headers: { 'x-host-key': HOST_KEY } };
  expect(await valueOf(await ask('/host/towns', host))).toContainEqual({ id, name, createdAt: expect.any(Number) });
  const rigs = await valueOf<object[]>(await ask(`/host/towns/${id}/rigs`, host));
  expect(rigs).toMatchObject([{ name: 'shop', state: 'connecting', tokenSet: true }]);
  expect(JSON.stringify(rigs)).not.toContain('ghp_');
  for (const path of ['/host/towns', `/host/towns/${id}/rigs`]) expect((await ask(path, { cookie })).status).not.toBe(200);
});

describe('one town that is in trouble does not hide the others', () => {
  const hidden = (id: string) => storageOf(id, (state) => void state.storage.sql.exec('ALTER TABLE container RENAME TO hidden'));
  const found = (id: string) => storageOf(id, (state) => void state.storage.sql.exec('ALTER TABLE hidden RENAME TO container'));

  it('neither at a start of the machine nor in the list', async () => {
    const [broken, whole] = [await town(), await town()];
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    await env.CONTAINER.get(env.CONTAINER.idFromName(broken.id)).start(broken.id, 1);
    await hidden(broken.id);
    const booted = await ask('/host/boot', { method: 'POST', body: {}, headers: { 'x-host-key': HOST_KEY } });
    expect(await valueOf(booted)).toMatchObject({ failed: 1 });
    await env.DB.prepare("UPDATE towns SET state = 'deleting' WHERE id = ?").bind(broken.id).run();
    const listed = await valueOf<{ id: string }[]>(await ask('/api/towns', { cookie: whole.cookie }));
    expect(listed.map(({ id }) => id)).toContain(whole.id);
    expect(listed.map(({ id }) => id)).not.toContain(broken.id);
    await found(broken.id);
    await ask('/api/towns', { cookie: whole.cookie });
    await gone(broken.id);
    expect(log).toHaveBeenCalled();
    log.mockRestore();
  });
});

describe('the end of a town', () => {
  it('waits for a start of its container that is under way, stops it, and lets no later one happen (I14)', async () => {
    const { id } = await town();
    const container = env.CONTAINER.get(env.CONTAINER.idFromName(id));
    const before = (await hostCalls()).length;
    await Promise.all([container.start(id, 1), container.destroy(id)]);
    const methods = async () =>
      (await hostCalls())
        .slice(before)
        .filter(({ url }) => url.endsWith(id))
        .map(({ method }) => method);
    expect(await methods()).toEqual(['PUT', 'DELETE']);
    expect(await container.start(id, 1)).toMatchObject({ ok: false, failure: { code: 'town_deleted' } });
    expect(await methods()).toEqual(['PUT', 'DELETE']);
  });

  it('needs its name, takes everything with it, and late requests resurrect nothing (DL-1, DL-2, DL-5)', async () => {
    const { id, name, cookie } = await town();
    await valueOf(await addRig(cookie, id));
    const [browser, runner] = [await watch(id, cookie), await runnerOf(id)];
    expect(await refusalOf(await ask(`/api/towns/${id}`, { method: 'DELETE', body: { name: 'wrong' }, cookie }))).toMatchObject({
      failure: { code: 'invalid_input', message: expect.stringContaining(name) },
    });
    expect((await ask(`/api/towns/${id}`, { method: 'DELETE', body: { name }, cookie })).status).toBe(200);
    expect((await browser.untilClosed()).reason).toMatch(/^town_deleted/);
    expect(await runner.until(({ t }) => t === 'bye')).toMatchObject({ failure: { code: 'town_deleted' } });
    expect((await hostCalls()).some(({ url, method }) => method === 'DELETE' && url.endsWith(id))).toBe(true);
    await gone(id);

    const late = [
      await command(cookie, id, { kind: 'town.pause' }),
      await ask(`/api/towns/${id}/live`, { cookie, headers: { upgrade: 'websocket' } }),
      await ask(`/api/towns/${id}`, { method: 'DELETE', body: { name }, cookie }),
    ];
    for (const response of late) expect(await refusalOf(response)).toMatchObject({ status: 410, failure: { code: 'town_deleted' } });
    await expect(dial(id)).rejects.toThrow('410');
    await env.TOWN.get(env.TOWN.idFromName(id)).create({
      key: null,
      actor: { kind: 'town' },
      command: {
        kind: 'town.create',
        id,
        name,
        epoch: 'x',
        gitName: 'x',
        gitEmail: 'x',
        model: null,
        modelKeyHint: null,
        scripted: false,
        agentKind: 'kilo',
      },
    });
    await gone(id);
    expect(await valueOf<{ id: string }[]>(await ask('/api/towns', { cookie }))).not.toContainEqual(expect.objectContaining({ id }));
  });

  it('with very many agents goes on by alarm, and stays deleted meanwhile; the listing after its end forgets it', async () => {
    const { id, name, cookie } = await town();
    const many = LIMITS.agentsDestroyed.value + 1;
    await storageOf(id, ({ storage }) => {
      for (let at = 0; at < many; at += 1)
        storage.sql.exec(
          "INSERT INTO agents (id, name, role, identity, created_at, retired_at) VALUES (?, 'Old', 'polecat', 'x', 1, 2)",
          `ag-${String(at).padStart(8, '0')}`,
        );
    });
    expect((await ask(`/api/towns/${id}`, { method: 'DELETE', body: { name }, cookie })).status).toBe(200);
    const stateOf = () => env.DB.prepare('SELECT state FROM towns WHERE id = ?').bind(id).first('state');
    expect(await stateOf()).toBe('deleting');
    expect((await refusalOf(await command(cookie, id, { kind: 'town.pause' }))).status).toBe(410);
    await vi.waitUntil(async () => (await storageOf(id, tablesOf)).length === 0, { timeout: 60_000 });
    await gone(id);
    expect(await valueOf<{ id: string }[]>(await ask('/api/towns', { cookie }))).not.toContainEqual(expect.objectContaining({ id }));
    expect(await stateOf()).toBeNull();
  }, 120_000);

  it('a deletion that was interrupted is finished by the next listing', async () => {
    const { id, cookie } = await town();
    await env.DB.prepare("UPDATE towns SET state = 'deleting' WHERE id = ?").bind(id).run();
    expect((await refusalOf(await command(cookie, id, { kind: 'town.pause' }))).status).toBe(410);
    await ask('/api/towns', { cookie });
    await gone(id);
    expect(await env.DB.prepare('SELECT 1 FROM towns WHERE id = ?').bind(id).first()).toBeNull();
  });
});

it('a known town has an object, so the check for unknown ones can fail', async () => {
  await town();
  expect((await listDurableObjectIds(env.TOWN as unknown as DurableObjectNamespace)).length).toBeGreaterThan(0);
});

/** No table of a town, no alarm, nothing but the mark. */
async function gone(id: string): Promise<void> {
  expect(await alarmOf(id)).toBeNull();
  expect(await storageOf(id, tablesOf)).toEqual([]);
  expect(await storageOf(id, (state) => [...state.storage.kv.list()])).toEqual([['deleted', true]]);
}
