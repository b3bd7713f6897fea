import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { LIMITS, SpendSeries, type TranscriptItem } from '@gastown/protocol';
import { describe, expect, it, vi } from 'vitest';
import { ask, command, newTown, refusalOf, signIn, valueOf } from './client.ts';
import { homeToken, runnerOf, watch } from './runner.ts';
import { clientOf, type Client, type Frame } from './sockets.ts';

/** A town with a Mayor whose session the runner opened: edge, town, link, door and agent stream together. */
const rows = (browser: Client, table: string) =>
  browser.frames.flatMap((frame) => (frame as unknown as { put?: Record<string, Record<string, unknown>[]> }).put?.[table] ?? []);
const isEffect = (kind: string) => (frame: Frame) => frame.t === 'effect' && (frame.effect as { kind: string }).kind === kind;

async function rest(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  let text = '';
  for (let next = await reader.read(); !next.done; next = await reader.read()) text += new TextDecoder().decode(next.value);
  return text;
}

async function townWithMayor(model = 'http://provider.test/stream-whole') {
  const cookie = await signIn();
  const { id } = await newTown(cookie);
  await valueOf(
    await command(cookie, id, {
      kind: 'town.configure',
      model: {
        provider: 'custom',
        model: 'm1',
        baseUrl: model,
        price: { input: 1_000_000, output: 1_000_000, cacheRead: 0, cacheWrite: 0 },
      },
    }),
  );
  await valueOf(await command(cookie, id, { kind: 'town.set_model_key', key: 'sk-the-key-of-this-town' }));
  await valueOf(await command(cookie, id, { kind: 'mayor.tell', text: 'Hello' }));
  const runner = await runnerOf(id);
  runner.send({ t: 'door', askId: 'd', pool: 'kilo-1' });
  const { token } = await runner.until(({ t }) => t === 'door');
  const start = await runner.until(isEffect('run.start'));
  const { agentId } = start.effect as { agentId: string };
  const opened = () => {
    const outcome = { state: 'succeeded', value: { kind: 'session', sessionId: 'ses_mayor', resumed: false, model: null } };
    runner.send({ t: 'report', seq: 1, report: { kind: 'outcome', effectId: start.effectId, outcome } });
  };
  const callModel = (session = 'ses_mayor', more: Record<string, string> = {}) =>
    ask('/llm/openai/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${String(token)}`, 'x-session-id': session, ...more },
      body: { model: 'x', stream: true, messages: [] },
    });
  return { id, cookie, runner, agentId, opened, callModel, browser: await watch(id, cookie) };
}

describe('a model call of a run', () => {
  it('goes through, and its tokens and money are on run and town', async () => {
    const { opened, callModel, browser, runner } = await townWithMayor();
    opened();
    await runner.until(isEffect('run.prompt'));
    const response = await callModel();
    expect(await response.text()).toContain('[DONE]');
    await vi.waitUntil(() => rows(browser, 'town').some((row) => (row.usage as { costMicros: number }).costMicros === 80), {
      timeout: 3_000,
    });
    expect(rows(browser, 'runs').at(-1)).toMatchObject({
      usage: { inputTokens: 60, outputTokens: 20, cacheReadTokens: 40, costMicros: 80 },
    });
  });

  it('that comes before the report of its session waits for it', async () => {
    const { opened, callModel, runner } = await townWithMayor();
    const early = callModel();
    runner.send({ t: 'door', askId: 'again', pool: 'kilo-1' });
    await runner.until(({ askId }) => askId === 'again');
    opened();
    expect((await early).status).toBe(200);
  });

  it('is refused when the budget is spent, in words an agent stops on', async () => {
    const { id, cookie, opened, callModel, runner } = await townWithMayor();
    opened();
    await runner.until(({ t }) => t === 'ack');
    await valueOf(await command(cookie, id, { kind: 'town.configure', budgetMicros: 0 }));
    const refused = await callModel();
    expect([refused.status, refused.headers.get('x-should-retry')]).toEqual([403, 'false']);
    expect(await refused.json()).toMatchObject({ error: { code: 'budget_spent' } });
  });

  it('is cut when the town is stopped, and none goes through until it is resumed (I9)', async () => {
    const { id, cookie, opened, callModel, runner } = await townWithMayor('http://provider.test/drip');
    opened();
    await runner.until(({ t }) => t === 'ack');
    const browser = await watch(id, cookie);
    const call = await callModel();
    const reader = call.body!.getReader();
    expect((await reader.read()).done).toBe(false);
    await valueOf(await command(cookie, id, { kind: 'town.stop' }));
    expect(await rest(reader)).toContain('town_stopped');
    await runner.until(isEffect('run.stop'));
    const refused = await callModel();
    expect([refused.status, refused.headers.get('x-should-retry')]).toEqual([403, 'false']);
    expect(await refused.json()).toMatchObject({ error: { code: 'town_stopped' } });
    await vi.waitUntil(() => rows(browser, 'town').some((row) => (row['usage'] as { outputTokens: number }).outputTokens > 0), {
      timeout: 5_000,
    });
    await valueOf(await command(cookie, id, { kind: 'town.resume' }));
    expect(await refusalOf(await callModel())).toMatchObject({ failure: { code: 'run_over' } });
  });

  it('of a sub-agent goes as one of its agent does: none goes on after a stop, and none through after the end of the run, whoever it says that it is (AG-10, I9)', async () => {
    const { id, cookie, opened, callModel, runner } = await townWithMayor('http://provider.test/drip');
    opened();
    await runner.until(({ t }) => t === 'ack');
    const child = (parent: string, own = 'ses_child') => callModel(own, { 'x-parent-session-id': parent });
    const reader = (await child('ses_mayor')).body!.getReader();
    await reader.read();
    await valueOf(await command(cookie, id, { kind: 'town.stop' }));
    expect(await rest(reader)).toContain('town_stopped');
    await valueOf(await command(cookie, id, { kind: 'town.resume' }));
    const ends = [child('ses_mayor'), child('title-ses_mayor'), child('ses_mayor', 'ses_mayor')].map(async (call) => refusalOf(await call));
    expect((await Promise.all(ends)).map(({ failure: { code } }) => code)).toEqual(Array(3).fill('run_over'));
    const nobodys = ['ses_somebody_else', '../ses_mayor', 'ses_child', 'x'.repeat(6_000)].map(async (parent) =>
      refusalOf(await child(parent)),
    );
    expect((await Promise.all(nobodys)).map(({ failure: { code } }) => code)).toEqual(Array(4).fill('unknown_run'));
  });

  it('is cut when the budget of its agent ends meanwhile (I9)', async () => {
    const { id, cookie, opened, callModel, runner, agentId } = await townWithMayor('http://provider.test/drip');
    opened();
    await runner.until(({ t }) => t === 'ack');
    const reader = (await callModel()).body!.getReader();
    await reader.read();
    await valueOf(await command(cookie, id, { kind: 'spend.limit', level: 'agent', id: agentId, hardMicros: 0 }));
    expect(await rest(reader)).toContain('budget_spent');
  });

  it('shows in the series of the town (MT-3)', async () => {
    const { id, cookie, opened, callModel, runner, agentId } = await townWithMayor();
    opened();
    await runner.until(({ t }) => t === 'ack');
    const browser = await watch(id, cookie);
    await (await callModel()).text();
    await vi.waitUntil(() => rows(browser, 'town').some((row) => (row['usage'] as { costMicros: number }).costMicros > 0), {
      timeout: 5_000,
    });
    const series = await valueOf<SpendSeries>(await ask(`/api/towns/${id}/spend?window=6h&by=agent`, { cookie }));
    expect(SpendSeries.parse(series)).toMatchObject({ window: '6h', lines: [{ key: agentId, total: { costMicros: 80 } }] });
    expect(await refusalOf(await ask(`/api/towns/${id}/spend?window=2h`, { cookie }))).toMatchObject({ status: 400 });
  });

  it('waits for the one before it of the same run while there is a budget, and hears what that one spent (I9)', async () => {
    const { id, cookie, opened, runner } = await townWithMayor();
    opened();
    await runner.until(({ t }) => t === 'ack');
    const town = env.TOWN.get(env.TOWN.idFromName(id));
    const pass = async () => {
      const admitted = await town.modelPass(runner.instance, 'ses_mayor');
      if (!admitted.ok) throw new Error(admitted.failure.code);
      return admitted.value;
    };
    expect([(await pass()).ticket, (await pass()).ticket]).toEqual([null, null]);
    await valueOf(await command(cookie, id, { kind: 'town.configure', budgetMicros: 100 }));
    const first = await pass();
    expect(first.ticket).not.toBeNull();
    await evictDurableObject(town as unknown as DurableObjectStub);
    let second: unknown = null;
    const waiting = pass().then(
      (value) => (second = value),
      (error: Error) => (second = error.message),
    );
    await valueOf(await command(cookie, id, { kind: 'town.rename', name: 'Something else happens' }));
    expect(second).toBeNull();
    const usage = { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, costMicros: 60 };
    const spend = () =>
      town.command({ key: null, actor: { kind: 'town' }, command: { kind: 'spend', runId: first.runId, usage, model: 'm1' } });
    await spend();
    expect(second).toBeNull();
    await town.modelCallOver(first.ticket!);
    await waiting;
    expect(second).toMatchObject({ runId: first.runId, ticket: expect.any(String) });
    const third = pass().catch((error: Error) => error.message);
    await spend();
    expect(await third).toBe('budget_spent');
  });

  it('waits beside no more than so many others, for its session to be known or for the one before it: an agent that calls without end makes no town slow (I9)', async () => {
    const { id, cookie, opened, runner } = await townWithMayor();
    const town = env.TOWN.get(env.TOWN.idFromName(id));
    const codes: string[] = [];
    const flood = (session: string) =>
      Array.from({ length: LIMITS.modelCallsWaiting.value + 6 }, async () => {
        const admitted = await town.modelPass(runner.instance, session);
        codes.push(admitted.ok ? 'passed' : admitted.failure.code);
      });
    const early = flood('ses_mayor');
    await vi.waitUntil(() => codes.length === 6, { timeout: 20_000 });
    expect(codes).toEqual(Array(6).fill('overloaded'));
    opened();
    await Promise.all(early);
    expect(codes.filter((code) => code === 'passed')).toHaveLength(LIMITS.modelCallsWaiting.value);

    await valueOf(await command(cookie, id, { kind: 'town.configure', budgetMicros: 100 }));
    codes.length = 0;
    const late = flood('ses_mayor');
    await vi.waitUntil(() => codes.length === 6, { timeout: 20_000 });
    expect(codes.toSorted()).toEqual([...Array(5).fill('overloaded'), 'passed']);
    const another = town.modelPass(runner.instance, 'ses_unknown');
    await valueOf(await command(cookie, id, { kind: 'town.stop' }));
    await Promise.all(late);
    expect(codes.filter((code) => code === 'town_stopped')).toHaveLength(LIMITS.modelCallsWaiting.value);
    expect(await another).toMatchObject({ ok: false, failure: { code: 'town_stopped' } });
  });

  it('of a runner that was replaced is refused', async () => {
    const { id, opened, callModel } = await townWithMayor();
    opened();
    await runnerOf(id, 'another-runner');
    expect(await refusalOf(await callModel())).toMatchObject({ status: 401, failure: { code: 'model_token_invalid' } });
  });
});

describe('an agent’s stream through the edge', () => {
  it('carries what the runner writes to the page, live and later', async () => {
    const { id, cookie, agentId } = await townWithMayor();
    const authorization = `Bearer ${await homeToken(id)}`;
    const writer = clientOf(await ask(`/runner/agents/${agentId}/stream`, { headers: { upgrade: 'websocket', authorization } }));
    const page = clientOf(await ask(`/api/towns/${id}/agents/${agentId}/live`, { cookie, headers: { upgrade: 'websocket' } }));
    page.send({ t: 'watch', rev: 0, limit: 50 });
    await page.until(({ t }) => t === 'items');
    writer.send({
      t: 'item',
      seq: 1,
      item: { id: 'i1', runId: 'run-1', at: 1, kind: 'assistant', text: 'Good morning' } satisfies TranscriptItem,
    });
    await writer.until(({ t }) => t === 'ack');
    await page.until((frame) => JSON.stringify(frame).includes('Good morning'));
    expect(await valueOf(await ask(`/api/towns/${id}/agents/${agentId}/items?limit=10`, { cookie }))).toMatchObject([
      { pos: 1, item: { id: 'i1' } },
    ]);
    expect((await refusalOf(await ask(`/api/towns/${id}/agents/${agentId}/items?limit=0`, { cookie }))).failure.message).toMatch(
      /^limit: /,
    );
  });

  it('of an agent that the town does not know is nothing', async () => {
    const { id, cookie } = await townWithMayor();
    const authorization = `Bearer ${await homeToken(id)}`;
    const written = await ask('/runner/agents/ag-ffffffff/stream', { headers: { upgrade: 'websocket', authorization } });
    expect(await refusalOf(written)).toMatchObject({ status: 404, failure: { code: 'unknown_agent' } });
    for (const agent of ['ag-ffffffff', 'nobody']) {
      expect(await refusalOf(await ask(`/api/towns/${id}/agents/${agent}/items`, { cookie }))).toMatchObject({
        status: 404,
        failure: { code: 'unknown_agent' },
      });
    }
  });
});

it('a page that closes its socket gets its close answered', async () => {
  const { browser } = await townWithMayor();
  browser.socket.close(1000, 'leaving');
  expect(await browser.untilClosed()).toMatchObject({ code: 1000 });
});
