import { failure, refuse, type Failure, type Result } from '@gastown/protocol';
import { describe, expect, it, vi } from 'vitest';
import { call, KEY, runId, seenBy, TOWN, type Wish } from '../../test/door.ts';
import type { Admission } from '../town/rpc.ts';
import { listModels } from './door.ts';

describe('the model door', () => {
  it('adds the key and the configured model, asks for usage, streams through unchanged and counts for the run (MT-1)', async () => {
    const { response, asked, spent, settled } = await call('stream', {
      body: { model: 'gpt-free', stream: true, messages: [{ role: 'user', content: 'hi' }] },
    });
    const text = await response.text();
    expect(text.split('data: ')).toHaveLength(5);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    await settled();
    expect(asked).toEqual(['ses_1']);
    expect(spent).toMatchObject([
      { runId, model: 'configured-model', usage: { inputTokens: 60, outputTokens: 20, cacheReadTokens: 40, costMicros: 100 } },
    ]);
    const [sent] = await seenBy('stream');
    expect(sent!.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(JSON.parse(sent!.body)).toEqual({
      model: 'configured-model',
      stream: true,
      messages: [{ role: 'user', content: 'hi' }],
      stream_options: { include_usage: true },
    });
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  it('counts a call for a title for its session’s run, and takes the provider’s own cost', async () => {
    const { response, asked, spent, settled } = await call('whole', { headers: { 'x-session-id': 'title-ses_9' } });
    await response.text();
    await settled();
    expect(asked).toEqual(['ses_9']);
    expect(spent).toMatchObject([{ usage: { costMicros: 500_000 } }]);
  });

  it('counts a call of a sub-agent for the run of the session that it names as its parent (AG-10, I9)', async () => {
    const { response, asked, settled } = await call('whole', { headers: { 'x-session-id': 'ses_child', 'x-parent-session-id': 'ses_9' } });
    await response.text();
    await settled();
    expect(asked).toEqual(['ses_9']);
  });

  it('speaks Anthropic’s shape, with its own key header and version', async () => {
    const { response, spent, settled } = await call('claude', {
      provider: 'anthropic',
      api: 'messages',
      headers: { 'anthropic-beta': 'x', 'x-other': 'y' },
    });
    await response.text();
    await settled();
    expect(spent).toMatchObject([{ usage: { inputTokens: 10, outputTokens: 42 } }]);
    const [sent] = await seenBy('claude');
    expect(sent!.url).toBe('http://provider.test/claude/messages');
    expect(sent!.headers).toMatchObject({ 'x-api-key': KEY, 'anthropic-version': '2023-06-01', 'anthropic-beta': 'x' });
    expect(Object.keys(sent!.headers)).not.toEqual(expect.arrayContaining(['authorization', 'x-other', 'x-session-id']));
  });

  it('speaks the responses API for Codex: its own header names the session, no usage is asked for, and what is reported is counted', async () => {
    const { response, asked, spent, settled } = await call('responses', {
      api: 'responses',
      headers: { 'x-session-id': '', 'session-id': 'thread-1' },
      body: { model: 'gpt-free', stream: true, input: [], store: false },
    });
    await response.text();
    await settled();
    expect(asked).toEqual(['thread-1']);
    expect(spent).toMatchObject([{ runId, usage: { inputTokens: 60, outputTokens: 20, cacheReadTokens: 40 } }]);
    const [sent] = await seenBy('responses');
    expect(sent!.url).toBe('http://provider.test/responses/responses');
    expect(JSON.parse(sent!.body)).toEqual({ model: 'configured-model', stream: true, input: [], store: false });
  });

  it('knows the session of Claude Code by its own header', async () => {
    const { asked } = await call('claude', {
      provider: 'anthropic',
      api: 'messages',
      headers: { 'x-session-id': '', 'x-claude-code-session-id': 'df162630' },
    });
    expect(asked).toEqual(['df162630']);
  });

  it('marks calls to the Kilo gateway as ours (MT-1)', async () => {
    const { response } = await call('whole', { provider: 'kilo', headers: { 'x-custom': '1' } });
    await response.text();
    const sent = (await seenBy('whole')).at(-1)!;
    expect(sent.headers['x-kilocode-feature']).toBe('gastown');
    expect(sent.headers['x-custom']).toBeUndefined();
  });

  it('counts what is known when the agent goes away in the middle', async () => {
    const { response, spent, settled } = await call('long', { body: { stream: true, messages: [] } });
    const reader = response.body!.getReader();
    await reader.read();
    await reader.read();
    await reader.cancel();
    await settled();
    expect(spent).toHaveLength(1);
    expect(spent[0]!.usage.outputTokens).toBeGreaterThanOrEqual(10);
  });

  it('what a call used is booked again, under the same key, when the town could not be reached; the call is over after that (I9)', async () => {
    const { response, spent, keys, over, settled } = await call('stream', { bookingFails: 2 });
    await response.text();
    await settled();
    expect(spent).toHaveLength(1);
    expect([keys.length, new Set(keys).size]).toEqual([3, 1]);
    expect(over).toEqual(['ticket-1 after 1']);
  });

  it('what cannot be booked at all is logged with its figures', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { response, spent, keys, over, settled } = await call('stream', { bookingFails: 99 });
    await response.text();
    await settled();
    expect(spent).toEqual([]);
    expect(keys).toHaveLength(6);
    expect(JSON.parse(String(log.mock.calls.at(-1)![0]))).toMatchObject({
      during: 'spend',
      town: TOWN,
      run: runId,
      usage: expect.stringContaining('"costMicros":100'),
    });
    expect(over).toEqual(['ticket-1 after 0']);
    log.mockRestore();
  }, 20_000);

  it('a call that came to nothing is over as well', async () => {
    for (const scenario of ['slow', 'moved', 'refuses']) {
      const { over, settled } = await call(scenario);
      await settled();
      expect(over).toEqual(['ticket-1 after 0']);
    }
  });

  it('an agent that is gone already costs no call', async () => {
    const agent = new AbortController();
    const before = (await seenBy('gone')).length;
    agent.abort();
    await call('gone', { signal: agent.signal }).catch(() => undefined);
    expect((await seenBy('gone')).length).toBe(before);
  });

  it('is ended when the town does not want it any more, while the provider thinks and while it speaks; what is known is counted (I9)', async () => {
    const thinking = Promise.withResolvers<Failure>();
    const pending = call('hang-stopped', { refused: () => thinking.promise });
    await vi.waitUntil(async () => (await seenBy('hang-stopped')).length > 0, { timeout: 3_000 });
    thinking.resolve(failure('town_stopped'));
    const { response, over, settled } = await pending;
    expect([response.status, (await response.json<{ failure: { code: string } }>()).failure.code]).toEqual([403, 'town_stopped']);
    await settled();
    expect(over).toEqual(['ticket-1 after 0']);

    const speaking = Promise.withResolvers<Failure>();
    const said = await call('drip', { body: { stream: true, messages: [] }, refused: () => speaking.promise });
    const reader = said.response.body!.getReader();
    expect((await reader.read()).done).toBe(false);
    speaking.resolve(failure('budget_spent'));
    const last = new TextDecoder().decode((await reader.read()).value);
    expect(last).toMatch(/^\n\ndata: .*budget_spent.*\n\n$/);
    expect((await reader.read()).done).toBe(true);
    await said.settled();
    expect(said.spent).toMatchObject([{ runId, usage: { outputTokens: 2 } }]);
    expect(said.over).toEqual(['ticket-1 after 1']);
  });

  it('goes on when the town cannot be asked, and asks again when it had nothing to say', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    let asked = 0;
    const silent = await call('stream', {
      refused: async () => {
        asked += 1;
        return asked > 3 ? new Promise<never>(() => {}) : null;
      },
    });
    await silent.response.text();
    expect(asked).toBe(4);
    const lost = await call('stream', { refused: () => Promise.reject(new Error('the town moved')) });
    expect(await lost.response.text()).toContain('world');
    await lost.settled();
    expect(lost.spent).toHaveLength(1);
    log.mockRestore();
  });

  it('follows no redirect', async () => {
    const { response, spent } = await call('moved');
    expect([response.status, (await response.json<{ failure: { code: string } }>()).failure.code]).toEqual([502, 'model_unreachable']);
    expect(spent).toEqual([]);
  });

  it('an agent that goes away while the provider thinks ends the call', async () => {
    const agent = new AbortController();
    const pending = call('hang', { signal: agent.signal });
    await vi.waitUntil(async () => (await seenBy('hang')).length > 0, { timeout: 3_000 });
    agent.abort();
    expect((await pending).response.status).toBe(502);
  });
});

describe('refusals at the door are ones an agent’s library understands and gives up on', () => {
  it.each([
    ['budget_spent', 403],
    ['run_over', 410],
    ['town_deleted', 410],
    ['no_model', 403],
    ['model_token_invalid', 401],
  ] as const)('%s → %i in both shapes, and no provider is asked', async (code, status) => {
    const pass = refuse(failure(code));
    const openai = await call('never', { pass });
    const anthropic = await call('never', { pass, api: 'messages', provider: 'anthropic' });
    expect([openai.response.status, anthropic.response.status]).toEqual([status, status]);
    expect(openai.response.headers.get('x-should-retry')).toBe('false');
    expect(await openai.response.json()).toMatchObject({ error: { code, type: code }, failure: { code } });
    expect(await anthropic.response.json()).toMatchObject({ type: 'error', error: { message: expect.any(String) }, failure: { code } });
    expect(await seenBy('never')).toEqual([]);
  });

  it('a refused key is model_key_refused; the provider’s text, which may repeat the key, is not passed on', async () => {
    const { response } = await call('refuses');
    const text = await response.text();
    expect([response.status, text.includes('model_key_refused'), text.includes(KEY)]).toEqual([401, true, false]);
  });

  it('another refusal keeps its status and its retry-after; a key in its text is removed (I16)', async () => {
    const slow = (await call('slow')).response;
    expect([slow.status, slow.headers.get('retry-after')]).toEqual([429, '7']);
    const long = (await call('toolong')).response;
    expect([long.status, await long.text()]).toEqual([400, expect.stringContaining('context_length_exceeded')]);
  });

  it('an account without credit is model_quota_spent, also where the provider calls it a limit: an agent gives up (AG-23, I16)', async () => {
    for (const scenario of ['broke', 'quota']) {
      const { response } = await call(scenario);
      const text = await response.text();
      expect([response.status, response.headers.get('x-should-retry')]).toEqual([403, 'false']);
      expect([text.includes('model_quota_spent'), text.includes(KEY)]).toEqual([true, false]);
    }
  });

  it('a token of another kind, a missing session, a body that is no object and a shape of another provider are named', async () => {
    expect(await codeOf({ headers: { authorization: 'Bearer sk-guess' } })).toEqual([401, 'model_token_invalid']);
    expect(await codeOf({ headers: { 'x-session-id': '' } })).toEqual([400, 'invalid_input']);
    expect(await codeOf({ body: [1] })).toEqual([400, 'invalid_input']);
    expect(await codeOf({ api: 'messages' })).toEqual([403, 'no_model']);
    expect(await seenBy('never')).toEqual([]);
  });

  it('a key of the environment goes to the provider’s own address only, never to one that somebody typed', async () => {
    const { response } = await call('never', { townKey: null });
    expect([response.status, (await response.json<{ failure: { code: string } }>()).failure.code]).toEqual([403, 'no_model']);
    const own = await call('never', { provider: 'custom', townKey: null, baseUrl: 'http://provider.test/whole' });
    await own.response.text();
    expect((await seenBy('whole')).at(-1)!.headers.authorization).toBeUndefined();
  });

  it('an unexpected exception is answered with an id and nothing else', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { response } = await call('never', { pass: { ok: true, value: { ticket: null } } as unknown as Result<Admission> });
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toMatch(/undefined|TypeError/);
    const logged = JSON.parse(String(log.mock.calls[0]![0]));
    expect(text).toContain(logged.id);
    log.mockRestore();
  });

  it('lists the configured model and no other', async () => {
    const { env: fake, token } = await call('whole');
    const list = await listModels(new Request('http://town.test/llm/openai/models', { headers: { 'x-api-key': token } }), fake);
    expect(await list.json()).toMatchObject({ data: [{ id: 'configured-model' }] });
  });

  it('tells the town what the provider refuses before the agent hears of it, and until when to wait (RC-34)', async () => {
    const before = Date.now();
    const slow = await call('slow');
    expect(slow.response.status).toBe(429);
    expect(slow.troubles).toMatchObject([{ kind: 'limit', message: 'The provider asks to slow down: slow down' }]);
    expect(slow.troubles[0]!.until! - before).toBeGreaterThanOrEqual(7_000);
    const refuses = await call('refuses');
    expect(refuses.troubles).toEqual([{ kind: 'auth', until: null, message: 'The provider refused the key.' }]);
    const long = await call('toolong');
    expect(long.response.status).toBe(400);
    expect(long.troubles).toMatchObject([{ kind: 'context' }]);
    const well = await call('stream');
    await well.response.text();
    await well.settled();
    expect(well.troubles).toEqual([]);
    expect(well.spent).toMatchObject([{ worked: true }]);
  });

  it('a provider that keeps failing ends the tries of an agent, in each way to fail and for each shape; the town is told of what only the door sees (RC-34)', async () => {
    const cases = [
      { scenario: 'slow', code: 'model_rate_limited', kind: 'limit' },
      { scenario: 'breaks', code: 'model_overloaded', kind: 'overload' },
      { scenario: 'moved', code: 'model_unreachable', kind: 'overload' },
    ] as const;
    const shapes = [{ api: 'chat' }, { api: 'responses' }, { api: 'messages', provider: 'anthropic' }] as const;
    for (const { scenario, code, kind } of cases) {
      for (const shape of shapes) {
        const { response, troubles, failed, over, settled } = await call(scenario, { ...shape, lasts: true });
        expect([response.status, response.headers.get('x-should-retry'), response.headers.get('retry-after')]).toEqual([
          400,
          'false',
          null,
        ]);
        const said = await response.json<{ error: { message: string; type: string }; failure: Failure }>();
        expect(said.failure.code).toBe(code);
        expect(said.error.message).toContain(`${code}: The provider keeps failing: `);
        expect(said.error.type).toBe(shape.api === 'messages' ? 'invalid_request_error' : code);
        expect(failed).toEqual([runId]);
        expect(troubles).toMatchObject([{ kind }]);
        await settled();
        expect(over).toEqual(['ticket-1 after 0']);
      }
    }
  });

  it('a failure that may pass goes on as it came, and what is no failure of the provider is not counted as one', async () => {
    const broken = await call('breaks');
    expect([broken.response.status, broken.failed, broken.troubles]).toEqual([500, [runId], []]);
    for (const scenario of ['toolong', 'refuses', 'broke', 'quota', 'stream']) {
      const other = await call(scenario, { lasts: true });
      await other.response.text();
      await other.settled();
      expect(other.failed).toEqual([]);
    }
    const agent = new AbortController();
    const pending = call('hang-left', { signal: agent.signal, lasts: true });
    await vi.waitUntil(async () => (await seenBy('hang-left')).length > 0, { timeout: 3_000 });
    agent.abort();
    expect((await pending).failed).toEqual([]);
  });

  it('sees a refusal in an answer that began well, passes it on unchanged, and books the call as one that proves nothing', async () => {
    const { response, troubles, spent, settled } = await call('declines', { provider: 'anthropic', api: 'messages' });
    expect(await response.text()).toContain('"stop_reason":"refusal"');
    await settled();
    expect(troubles).toMatchObject([{ kind: 'refused' }]);
    expect(spent).toMatchObject([{ usage: { outputTokens: 3 }, worked: false }]);
  });
});

async function codeOf(wish: Wish): Promise<[number, string]> {
  const { response } = await call('never', wish);
  return [response.status, (await response.json<{ failure: { code: string } }>()).failure.code];
}
