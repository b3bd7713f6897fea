import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { LIMITS, type RigId, type RunnerId, type RunnerSelf, type RunnerToken } from '@gastown/protocol';
import { describe, expect, it, vi } from 'vitest';
import { machineToken } from '../src/secrets/tokens.ts';
import { ask, command, refusalOf, signInStranger, valueOf } from './client.ts';
import { dial, helloOf, homeToken, runnerOf, watch } from './runner.ts';
import { clientOf } from './sockets.ts';
import { addRig, effectOf, hostCalls, putIn, storageOf, stubOf, town } from './town.ts';

/** Several runners of one town (design/runner.md §5), through the whole Worker. */
const bearer = (token: string, more: Record<string, string> = {}) => ({ headers: { authorization: `Bearer ${token}`, ...more } });
const socket = { upgrade: 'websocket' };

async function machineIn(cookie: string, id: string, name = 'Attic', rigs: RigId[] | null = null) {
  const { runnerId } = await valueOf<{ runnerId: RunnerId }>(await command(cookie, id, { kind: 'runner.add', name, rigs }));
  const renew = async () =>
    (await valueOf<RunnerToken>(await ask(`/api/towns/${id}/runners/${runnerId}/token`, { method: 'POST', body: {}, cookie }))).token;
  return { runnerId, renew, token: await renew() };
}
async function townWithMachine() {
  const made = await town();
  return { ...made, ...(await machineIn(made.cookie, made.id)) };
}

describe('links of several runners', () => {
  it('each has its own: neither sends the other away, a second process of one replaces the first of the same', async () => {
    const { id, token } = await townWithMachine();
    const home = await runnerOf(id);
    const machine = await runnerOf(id, 'attic-process-1', token);
    const again = await runnerOf(id, 'attic-process-2', token);
    expect(await machine.until(({ t }) => t === 'bye')).toMatchObject({
      failure: { code: 'stale_generation', next: expect.stringContaining('a runner of its own') },
    });
    await machine.untilClosed();
    again.send({ t: 'door', askId: 'a', pool: 'kilo-1' });
    home.send({ t: 'door', askId: 'a', pool: 'kilo-1' });
    await Promise.all([again, home].map((runner) => runner.until(({ t }) => t === 'door')));
    expect(home.closed()).toBeNull();
  });

  it('an effect goes to the runner that it is for, also after the town slept', async () => {
    const { id, cookie, token, runnerId } = await townWithMachine();
    const [home, machine] = [await runnerOf(id), await runnerOf(id, 'attic-process', token)];
    await valueOf(await addRig(cookie, id, 'api'));
    expect(await effectOf(machine, 'rig.connect')).toMatchObject({ effect: { gitUrl: 'https://example.com/api.git' } });
    await evictDurableObject(stubOf(id));
    await valueOf(await command(cookie, id, { kind: 'runner.update', runnerId, paused: true }));
    await valueOf(await command(cookie, id, { kind: 'mayor.tell', text: 'Hello' }));
    await effectOf(home, 'run.start');
    expect([home, machine].map(({ frames }) => frames.filter(({ t }) => t === 'effect').length)).toEqual([1, 1]);
    expect([home.closed(), machine.closed()]).toEqual([null, null]);
  });

  it('a process is one runner: another that says the same name is sent away, and the first stays (I18)', async () => {
    const { id, token } = await townWithMachine();
    const home = await runnerOf(id, 'home-process');
    const machine = await dial(id, token);
    machine.send(helloOf('home-process'));
    expect(await machine.until(({ t }) => t === 'bye')).toMatchObject({ failure: { code: 'stale_generation' } });
    await machine.untilClosed();
    const other = await runnerOf(id, 'attic-process', token);
    home.send({ t: 'door', askId: 'a', pool: 'kilo-1' });
    await home.until(({ t }) => t === 'door');
    expect([home.closed(), other.closed()]).toEqual([null, null]);
  });

  it('what a machine asks is known by its runner too, what the container asks as ever (I18)', async () => {
    const { id, token } = await townWithMachine();
    const asked = ['home-process', 'attic-process'];
    await storageOf(id, ({ storage }) => {
      for (const one of asked)
        storage.sql.exec('INSERT INTO keys (key, fingerprint, result, at) VALUES (?,?,?,0)', `call:${one}:c1`, 'x', 'null');
    });
    const codes = [];
    for (const runner of [await runnerOf(id, 'home-process'), await runnerOf(id, 'attic-process', token)]) {
      runner.send({ t: 'call', callId: 'c1', runId: 'run-000000000000', generation: 1, tool: 'prime', args: {}, evidence: null });
      const { result } = (await runner.until(({ t }) => t === 'answer')) as unknown as { result: { failure: { code: string } } };
      codes.push(result.failure.code);
    }
    expect(codes).toEqual(['conflicting_key', 'unknown_run']);
  });

  it('sockets that say no hello are few: the oldest of the runner gives way, nobody who was heard does (I16)', async () => {
    const { id, token } = await townWithMachine();
    const [home, machine] = [await runnerOf(id), await runnerOf(id, 'attic-process', token)];
    const silent = [];
    for (let count = 0; count < LIMITS.unheardLinks.value + 2; count += 1) {
      silent.push(await dial(id));
      await evictDurableObject(stubOf(id));
    }
    const ofMachine = await dial(id, token);
    for (const oldest of silent.slice(0, 2))
      expect(await oldest.untilClosed()).toMatchObject({ code: 1008, reason: expect.stringMatching(/^overloaded: /) });
    expect(silent.slice(2).map((one) => one.closed())).toEqual(silent.slice(2).map(() => null));
    home.send({ t: 'door', askId: 'a', pool: 'kilo-1' });
    await home.until(({ t }) => t === 'door');
    silent.at(-1)!.send(helloOf('home-process-2'));
    await silent.at(-1)!.until(({ t }) => t === 'welcome');
    expect([machine.closed(), ofMachine.closed()]).toEqual([null, null]);
  });

  it('who goes is seen as gone, and nobody else', async () => {
    const { id, cookie, token, runnerId } = await townWithMachine();
    await runnerOf(id);
    const machine = await runnerOf(id, 'attic-process', token);
    machine.socket.close(1000, 'gone');
    const page = await watch(id, cookie);
    const state = () =>
      page.frames
        .flatMap((frame) => putIn(frame, 'runners'))
        .reduce<Record<string, unknown>>((known, row) => ({ ...known, [String(row.id)]: row.connected }), {});
    await vi.waitUntil(() => state()[runnerId] === false, { timeout: 3_000 });
    expect(state()['home']).toBe(true);
  });
});

describe('the token of the container’s runner', () => {
  const host = { 'x-host-key': 'host-key-of-the-tests' };
  const doorOf = async (token: string) => (await ask('/runner/self', bearer(token))).status;
  const refusedAt = async (door: string, token: string) => (await refusalOf(await ask(`/runner/${door}`, bearer(token, socket)))).failure;
  const tokensGiven = async (id: string) =>
    (await hostCalls())
      .filter(({ url, method }) => method === 'PUT' && url.endsWith(id))
      .map(({ body }) => (JSON.parse(body) as { env: { GASTOWN_RUNNER_TOKEN: string } }).env.GASTOWN_RUNNER_TOKEN);
  const given = (id: string, count: number) =>
    vi.waitUntil(async () => (await tokensGiven(id)).at(count - 1), { timeout: 10_000, interval: 20 });
  const exited = (id: string) =>
    ask(`/host/containers/${id}/exited`, {
      method: 'POST',
      body: { code: null, signal: 'SIGKILL' },
      headers: host,
    });

  it('is of one start: good as long as that runs, whatever the town forgets, and worthless when it ended (AU-9, AU-13, I15, I16)', async () => {
    const { id, cookie } = await town();
    await valueOf(await command(cookie, id, { kind: 'mayor.tell', text: 'Hello' }));
    const first = await given(id, 1);
    expect(first).toMatch(new RegExp(`^gtr\\.${id}\\.\\d+\\.[\\w-]{43}$`));
    await runnerOf(id, 'first-process', first);
    await evictDurableObject(stubOf(id));
    const back = await runnerOf(id, 'first-process', first);
    await effectOf(back, 'run.start');
    await evictDurableObject(stubOf(id));
    expect(await doorOf(first)).toBe(200);
    const copied = await dial(id, first);
    await exited(id);
    expect(await copied.until(({ t }) => t === 'bye')).toMatchObject({ failure: { code: 'runner_token_refused' } });
    await copied.untilClosed();
    for (const door of ['self', 'link']) expect(await refusedAt(door, first)).toMatchObject({ code: 'runner_token_refused' });
    const second = await given(id, 2);
    await runnerOf(id, 'second-process', second);
    expect([await doorOf(first), await doorOf(second)]).toEqual([401, 200]);
  });

  it('of a start before is refused when the runner of a later one said hello, not sooner, also over an open link (I15)', async () => {
    const { id } = await town();
    const [first, second] = [await homeToken(id, 1), await homeToken(id, 2)];
    const old = await runnerOf(id, 'first-process', first);
    const early = await dial(id, second);
    old.send({ t: 'door', askId: 'a', pool: 'kilo-1' });
    await old.until(({ t }) => t === 'door');
    early.send(helloOf('second-process'));
    await early.until(({ t }) => t === 'welcome');
    expect(await old.until(({ t }) => t === 'bye')).toMatchObject({ failure: { code: 'stale_generation' } });
    expect(await refusedAt('link', first)).toMatchObject({ code: 'runner_token_refused', next: expect.stringContaining('itself') });
    expect(early.closed()).toBeNull();
  });

  it('of a start before has nothing open of an agent either, when that start ended or a later one said hello (I15)', async () => {
    const { id, cookie } = await town();
    await valueOf(await command(cookie, id, { kind: 'mayor.tell', text: 'Hello' }));
    const first = await given(id, 1);
    const { agentId } = (await effectOf(await runnerOf(id, 'first-process', first), 'run.start')).effect as { agentId: string };
    const open = (door: string, token: string) => ask(`/runner/agents/${agentId}/${door}`, bearer(token, socket)).then(clientOf);
    const copied = [await open('stream?run=run-1', first), await open('terminal?kind=shell', first)];
    await exited(id);
    expect(await Promise.all(copied.map((one) => one.untilClosed()))).toMatchObject([{ code: 1008 }, { code: 1008 }]);
    const second = await given(id, 2);
    await runnerOf(id, 'second-process', second);
    const later = await homeToken(id, Date.now() + 60_000);
    const [before, after] = [await open('stream?run=run-1', second), await open('stream?run=run-0&over=1', later)];
    await runnerOf(id, 'third-process', later);
    expect(await before.untilClosed()).toMatchObject({ code: 1008 });
    after.send({ t: 'item', seq: 1, item: { id: 'i1', runId: 'run-0', at: 1, kind: 'assistant', text: 'Late' } });
    await after.until(({ t }) => t === 'ack');
  });

  it('of a version whose starts had no number serves the runner that has it, until a start with one is heard of (AU-9)', async () => {
    const { id } = await town();
    const former = await homeToken(id, 0);
    await runnerOf(id, 'former-process', former);
    expect(await doorOf(former)).toBe(200);
    await runnerOf(id, 'first-process', await homeToken(id, 1));
    expect(await refusedAt('self', former)).toMatchObject({ code: 'runner_token_refused' });
  });

  it('of a later start does not lose its link to one of an earlier start that comes back before it said hello (I15)', async () => {
    const { id } = await town();
    const [first, second] = [await homeToken(id, 1), await homeToken(id, 2)];
    await runnerOf(id, 'first-process', first);
    const later = await dial(id, second);
    await runnerOf(id, 'first-process', first);
    later.send(helloOf('second-process'));
    await later.until(({ t }) => t === 'welcome');
    expect(await doorOf(first)).toBe(401);
  });

  it('is given once: a town whose state was put back numbers its next start anew (AU-9, I15)', async () => {
    const { id, cookie } = await town();
    await valueOf(await command(cookie, id, { kind: 'mayor.tell', text: 'Hello' }));
    const lost = await given(id, 1);
    await storageOf(id, ({ storage }) => void storage.kv.delete('lastStart'));
    await exited(id);
    const next = await given(id, 2);
    expect(await doorOf(lost)).toBe(200);
    await runnerOf(id, 'second-process', next);
    expect([await doorOf(lost), await doorOf(next)]).toEqual([401, 200]);
  });

  it('of a start that the clock put in the future is good, and the next start is later still (AU-9)', async () => {
    const { id, cookie } = await town();
    const ahead = Date.now() + 3_600_000;
    await runnerOf(id, 'early-process', await homeToken(id, ahead));
    await exited(id);
    await valueOf(await command(cookie, id, { kind: 'mayor.tell', text: 'Hello' }));
    const next = await given(id, 1);
    expect(Number(next.split('.')[2])).toBeGreaterThan(ahead);
    await runnerOf(id, 'next-process', next);
  });

  it('of a container that was being stopped is worthless when the launcher starts again (AU-9, I15)', async () => {
    const { id } = await town();
    const token = await homeToken(id);
    await runnerOf(id, 'stopping-process', token);
    expect(await doorOf(token)).toBe(200);
    expect((await ask('/host/boot', { method: 'POST', body: {}, headers: host })).status).toBe(200);
    expect(await doorOf(token)).toBe(401);
  });
});

describe('the token of a machine', () => {
  it('is given to a member of the town, once: the next one makes it worthless', async () => {
    const { id, cookie, token, renew, runnerId } = await townWithMachine();
    expect(token).toMatch(new RegExp(`^gtm\\.${id}\\.${runnerId}\\.2\\.[\\w-]{43}$`));
    const page = JSON.stringify((await watch(id, cookie)).frames);
    expect(page).not.toContain(token.split('.').at(-1));
    const self = await valueOf<RunnerSelf>(await ask('/runner/self', bearer(token)));
    expect(self).toEqual({
      town: { id, name: expect.any(String) },
      runner: { id: runnerId, name: 'Attic' },
      rigs: null,
      places: null,
      paused: false,
    });
    const machine = await runnerOf(id, 'attic-process', token);
    const newer = await renew();
    expect(await machine.until(({ t }) => t === 'bye')).toMatchObject({ failure: { code: 'runner_token_refused' } });
    expect(await machine.untilClosed()).toMatchObject({ code: 1008 });
    expect((await refusalOf(await ask('/runner/self', bearer(token)))).failure.code).toBe('runner_token_refused');
    expect((await ask('/runner/self', bearer(newer))).status).toBe(200);
    await runnerOf(id, 'attic-process', newer);
  });

  it('is given to nobody else, and never for the container', async () => {
    const { id, cookie, runnerId } = await townWithMachine();
    const route = (runner: string) => `/api/towns/${id}/runners/${runner}/token`;
    const asked = async (path: string, who?: string) => {
      const { status, failure } = await refusalOf(await ask(path, { method: 'POST', body: {}, ...(who && { cookie: who }) }));
      return [status, failure.code];
    };
    expect(await asked(route(runnerId))).toEqual([401, 'not_signed_in']);
    expect(await asked(route(runnerId), await signInStranger())).toEqual([404, 'unknown_town']);
    expect(await asked(route('home'), cookie)).toEqual([409, 'runner_is_container']);
    expect(await asked(route('rn-ffffffffffff'), cookie)).toEqual([404, 'unknown_runner']);
    expect(await asked(route('nobody'), cookie)).toEqual([404, 'unknown_runner']);
  });

  it('of a runner that was removed opens no door, and its process is sent away', async () => {
    const { id, cookie, token, runnerId } = await townWithMachine();
    const machine = await runnerOf(id, 'attic-process', token);
    const home = await runnerOf(id);
    await valueOf(await command(cookie, id, { kind: 'mayor.tell', text: 'Hello' }));
    const { agentId } = (await effectOf(home, 'run.start')).effect as { agentId: string };
    await valueOf(await command(cookie, id, { kind: 'runner.remove', runnerId }));
    expect(await machine.until(({ t }) => t === 'bye')).toMatchObject({ failure: { code: 'unknown_runner', next: expect.any(String) } });
    await machine.untilClosed();
    const doors = [
      'link',
      'self',
      `agents/${agentId}/stream`,
      `agents/${agentId}/terminal?kind=shell`,
      `agents/${agentId}/conversation`,
      `agents/${agentId}/items`,
    ];
    for (const door of doors) {
      expect([door, (await refusalOf(await ask(`/runner/${door}`, bearer(token, socket)))).failure.code]).toEqual([door, 'unknown_runner']);
    }
    expect(
      (await refusalOf(await ask(`/runner/agents/${agentId}/conversation`, { method: 'POST', body: 'x', ...bearer(token) }))).failure.code,
    ).toBe('unknown_runner');
  });

  it('that was renewed ends also a link that did not say hello yet', async () => {
    const { id, token, renew } = await townWithMachine();
    const early = await dial(id, token);
    await renew();
    await early.untilClosed();
    expect(early.frames).toMatchObject([{ t: 'bye', failure: { code: 'runner_token_refused' } }]);
  });

  /** What renewing does, without the end of the sockets: that takes effect when the other side agrees. */
  const renewUnheard = (id: string) =>
    storageOf(id, (state) => void state.storage.sql.exec("UPDATE runners SET token_serial = token_serial + 1 WHERE kind = 'machine'"));

  it('that was renewed is heard no more, also over a socket that is not closed yet', async () => {
    const { id, token } = await townWithMachine();
    const [home, machine] = [await runnerOf(id), await runnerOf(id, 'attic-process', token)];
    const asks = (runner: typeof home, askId: string) => runner.send({ t: 'door', askId, pool: 'kilo-1' });
    const doorOf = async (askId: string) =>
      (await machine.until((frame) => frame.t === 'door' && frame.askId === askId)) as unknown as { token: string };
    asks(machine, 'a');
    const door = (await doorOf('a')).token;
    const models = async () => {
      const response = await ask('/llm/openai/models', { headers: { authorization: `Bearer ${door}` } });
      return [response.status, (await response.text()).includes('model_token_invalid')];
    };
    expect(await models()).toEqual([200, false]);
    await renewUnheard(id);
    asks(machine, 'b');
    asks(home, 'b');
    expect(await machine.until(({ t }) => t === 'bye')).toMatchObject({ failure: { code: 'runner_token_refused' } });
    await home.until(({ t }) => t === 'door');
    expect(machine.frames.filter(({ t }) => t === 'door')).toHaveLength(1);
    expect(await models()).toEqual([401, true]);
  });

  it('of another town, or with a runner that never was, is no token', async () => {
    const { id, runnerId } = await townWithMachine();
    const other = await townWithMachine();
    const forged = await machineToken(env.SEAL_KEY, { townId: id, runnerId: other.runnerId, serial: 2 });
    expect((await refusalOf(await ask('/runner/self', bearer(forged)))).failure.code).toBe('unknown_runner');
    const old = await machineToken(env.SEAL_KEY, { townId: id, runnerId, serial: 1 });
    expect((await refusalOf(await ask('/runner/self', bearer(old)))).failure.code).toBe('runner_token_refused');
    const container = await machineToken(env.SEAL_KEY, { townId: id, runnerId: 'home', serial: 0 });
    expect((await ask('/runner/self', bearer(container))).status).toBe(401);
  });
});

describe('what a machine may have', () => {
  it('credentials of the repositories that it takes, and of no others', async () => {
    const { id, cookie } = await town();
    const { rigId } = await valueOf<{ rigId: RigId }>(await addRig(cookie, id, 'api'));
    const attic = await machineIn(cookie, id, 'Attic', [rigId]);
    const cellar = await machineIn(cookie, id, 'Cellar');
    const tokenFor = async (token: string, instance: string) => {
      const runner = await runnerOf(id, instance, token);
      runner.send({ t: 'credential', askId: 'c', rigId });
      return (await runner.until(({ t }) => t === 'credential')).token;
    };
    expect(await tokenFor(attic.token, 'attic-process')).toBe('ghp_the_token_of_the_rig');
    expect(await tokenFor(cellar.token, 'cellar-process')).toBeNull();
  });

  /** A machine with a stream and a terminal of an agent that runs there. */
  async function agentThere() {
    const { id, cookie, token, runnerId, renew } = await townWithMachine();
    const machine = await runnerOf(id, 'attic-process', token);
    const { rigId } = await valueOf<{ rigId: RigId }>(await addRig(cookie, id, 'api'));
    const connect = await effectOf(machine, 'rig.connect');
    const value = { kind: 'rig', defaultBranch: 'main', empty: false, head: 'a'.repeat(40) };
    machine.send({ t: 'report', seq: 1, report: { kind: 'outcome', effectId: connect.effectId, outcome: { state: 'succeeded', value } } });
    await machine.until(({ t }) => t === 'ack');
    await valueOf(await command(cookie, id, { kind: 'bead.create', rigId, title: 'Something' }));
    const { agentId } = (await effectOf(machine, 'run.start')).effect as { agentId: string };
    const open = (door: string) => ask(`/runner/agents/${agentId}/${door}`, bearer(token, socket)).then(clientOf);
    const [stream, terminal] = [await open('stream'), await open('terminal?kind=shell')];
    stream.send({ t: 'item', seq: 1, item: { id: 'i1', runId: 'run-1', at: 1, kind: 'assistant', text: 'Good morning' } });
    await stream.until(({ t }) => t === 'ack');
    return { id, cookie, runnerId, renew, stream, terminal };
  }

  it('the stream of an agent that is with it, until its runner is removed', async () => {
    const { id, cookie, runnerId, stream, terminal } = await agentThere();
    await valueOf(await command(cookie, id, { kind: 'runner.remove', runnerId }));
    expect([(await stream.untilClosed()).code, (await terminal.untilClosed()).code]).toEqual([1008, 1008]);
  });

  it('nothing of an agent after its token went, also when the agent was elsewhere since then', async () => {
    const { id, renew, stream, terminal } = await agentThere();
    await storageOf(id, (state) => void state.storage.sql.exec("UPDATE runs SET runner_id = 'home'"));
    await renew();
    expect([(await stream.untilClosed()).code, (await terminal.untilClosed()).code]).toEqual([1008, 1008]);
  });

  it('no stream, terminal or conversation of an agent that is elsewhere, and no model for its session', async () => {
    const { id, cookie, token } = await townWithMachine();
    await valueOf(
      await command(cookie, id, {
        kind: 'town.configure',
        model: { provider: 'custom', model: 'm1', baseUrl: 'http://provider.test/stream-whole', price: null },
      }),
    );
    await valueOf(await command(cookie, id, { kind: 'town.set_model_key', key: 'sk-the-key-of-this-town' }));
    const home = await runnerOf(id);
    const machine = await runnerOf(id, 'attic-process', token);
    await valueOf(await command(cookie, id, { kind: 'mayor.tell', text: 'Hello' }));
    const start = await effectOf(home, 'run.start');
    const { agentId } = start.effect as { agentId: string };
    for (const door of ['stream', 'terminal?kind=shell', 'conversation', 'items'])
      expect([door, (await refusalOf(await ask(`/runner/agents/${agentId}/${door}`, bearer(token, socket)))).failure.code]).toEqual([
        door,
        'forbidden',
      ]);
    const outcome = { state: 'succeeded', value: { kind: 'session', sessionId: 'ses_mayor', resumed: false, model: null } };
    home.send({ t: 'report', seq: 1, report: { kind: 'outcome', effectId: start.effectId, outcome } });
    await home.until(({ t }) => t === 'ack');
    const call = async (runner: typeof home) => {
      runner.send({ t: 'door', askId: 'd', pool: 'kilo-1' });
      const door = String((await runner.until(({ t }) => t === 'door')).token);
      const response = await ask('/llm/openai/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${door}`, 'x-session-id': 'ses_mayor' },
        body: { model: 'x', stream: true, messages: [] },
      });
      return [response.status, await response.text()];
    };
    expect(await call(machine)).toEqual([401, expect.stringContaining('model_token_invalid')]);
    expect(await call(home)).toEqual([200, expect.stringContaining('[DONE]')]);
  });
});
