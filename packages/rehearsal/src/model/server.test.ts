import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startModel } from './server.ts';
import type { ModelServer } from './server.ts';
import { storyLibrary } from './story.ts';

let model: ModelServer;
beforeEach(async () => {
  model = await startModel({ stories: storyLibrary([]) });
});
afterEach(() => model.close());

const script = (...steps: object[]) => `<<<SCRIPT ${JSON.stringify(steps)} SCRIPT>>>`;
const TOOLS = ['bash', 'gt_done'];

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(model.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

const openAi = (content: string, more: object = {}, headers = {}) =>
  post(
    '/chat/completions',
    {
      model: 'scripted',
      messages: [{ role: 'user', content }],
      tools: TOOLS.map((name) => ({ type: 'function', function: { name } })),
      ...more,
    },
    headers,
  );

const anthropic = (content: string, more: object = {}) =>
  post('/messages', {
    model: 'scripted',
    max_tokens: 100,
    messages: [{ role: 'user', content }],
    tools: [
      { name: 'Bash', input_schema: {} },
      { name: 'mcp__gt__done', input_schema: {} },
    ],
    ...more,
  });

/** The JSON of each `data:` line, and the last line that is not JSON. */
async function events(response: Response): Promise<Record<string, unknown>[]> {
  const lines = (await response.text())
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice(6));
  return lines.filter((line) => line !== '[DONE]').map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
}

const twoCalls = {
  text: 'Two at once.',
  tools: [
    { tool: 'bash', args: { command: 'ls' } },
    { tool: 'gt_done', args: { summary: 'x'.repeat(200) } },
  ],
};

describe('OpenAI chat completions', () => {
  test('a plain answer carries text, several tool calls and usage', async () => {
    const body = await (await openAi(script(twoCalls))).json();
    expect(body).toMatchObject({
      object: 'chat.completion',
      model: 'scripted',
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: 'Two at once.',
            tool_calls: [
              { type: 'function', function: { name: 'bash', arguments: '{"command":"ls"}' } },
              { function: { name: 'gt_done' } },
            ],
          },
        },
      ],
      usage: { prompt_tokens_details: { cached_tokens: 0 } },
    });
    expect(body.usage.total_tokens).toBe(body.usage.prompt_tokens + body.usage.completion_tokens);
    expect(body.choices[0].message.tool_calls[0].id).not.toBe(body.choices[0].message.tool_calls[1].id);
  });

  test('a streamed answer adds up to the same, with usage in the last chunk for those who asked for it', async () => {
    const response = await openAi(script(twoCalls), { stream: true, stream_options: { include_usage: true } });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const chunks = await events(response);
    const deltas = chunks.flatMap(
      (chunk) =>
        chunk['choices'] as {
          delta: { content?: string; tool_calls?: { index: number; function: { name?: string; arguments: string } }[] };
          finish_reason: string | null;
        }[],
    );
    expect(deltas.map((choice) => choice.delta.content ?? '').join('')).toBe('Two at once.');
    const parts = deltas.flatMap((choice) => choice.delta.tool_calls ?? []);
    const argsOf = (index: number) =>
      parts
        .filter((part) => part.index === index)
        .map((part) => part.function.arguments)
        .join('');
    expect(JSON.parse(argsOf(0))).toEqual({ command: 'ls' });
    expect(JSON.parse(argsOf(1))).toEqual({ summary: 'x'.repeat(200) });
    expect(parts.filter((part) => part.index === 1).length).toBeGreaterThan(2);
    expect(deltas.at(-1)?.finish_reason).toBe('tool_calls');
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) },
    });
  });

  test('usage is left out of a stream that did not ask for it, as a provider does', async () => {
    const response = await openAi(script({ text: 'hi' }), { stream: true });
    const text = await response.text();
    expect(text).not.toContain('usage');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  test('what was sent before counts as cached', async () => {
    const messages = [
      { role: 'user', content: script({ text: 'a' }, { text: 'b' }) + 'x'.repeat(400) },
      { role: 'assistant', content: 'a' },
      { role: 'user', content: 'go on' },
    ];
    const { usage } = await (await openAi('', { messages })).json();
    expect(usage.prompt_tokens_details.cached_tokens).toBeGreaterThan(100);
    expect(usage.prompt_tokens - usage.prompt_tokens_details.cached_tokens).toBeLessThan(10);
  });

  test('an answer in tools that are not offered says so instead of calling them', async () => {
    const body = await (await openAi(script({ tool: 'gt_sling', args: {} }))).json();
    expect(body.choices[0].message).toMatchObject({ content: expect.stringMatching(/gt_sling.*not offered[\s\S]*bash, gt_done/) });
    expect(body.choices[0].message.tool_calls).toBeUndefined();
  });
});

describe('Anthropic messages', () => {
  test('a plain answer carries blocks with the names that this agent offers', async () => {
    const body = await (await anthropic(script(twoCalls))).json();
    expect(body).toMatchObject({
      type: 'message',
      role: 'assistant',
      stop_reason: 'tool_use',
      content: [
        { type: 'text', text: 'Two at once.' },
        { type: 'tool_use', name: 'Bash', input: { command: 'ls' } },
        { type: 'tool_use', name: 'mcp__gt__done' },
      ],
      usage: { input_tokens: expect.any(Number), cache_read_input_tokens: 0, output_tokens: expect.any(Number) },
    });
  });

  test('a streamed answer opens, fills and closes each block in order', async () => {
    const all = await events(await anthropic(script(twoCalls), { stream: true }));
    const kinds = all.map((event) => event['type']).filter((type, index, types) => type !== types[index - 1]);
    const block = ['content_block_start', 'content_block_delta', 'content_block_stop'];
    expect(kinds).toEqual(['message_start', ...block, ...block, ...block, 'message_delta', 'message_stop']);
    const json = all
      .filter((event) => event['index'] === 2 && event['type'] === 'content_block_delta')
      .map((event) => (event['delta'] as { partial_json: string }).partial_json)
      .join('');
    expect(JSON.parse(json)).toEqual({ summary: 'x'.repeat(200) });
    expect(all.at(-2)).toMatchObject({ delta: { stop_reason: 'tool_use' }, usage: { output_tokens: expect.any(Number) } });
  });

  test('tool results in a user message are no new message: the script goes on', async () => {
    const messages = [
      { role: 'user', content: [{ type: 'text', text: script({ tool: 'bash', args: {} }, { text: 'after the tool' }) }] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'Bash', input: {} }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'ok' }] },
          { type: 'text', text: '<system-reminder>Be kind.</system-reminder>' },
        ],
      },
    ];
    const body = await (await anthropic('', { messages })).json();
    expect(body.content).toEqual([{ type: 'text', text: 'after the tool' }]);
    expect(model.requests()[0]?.conversation.turns.map((turn) => [turn.role, turn.tool])).toEqual([
      ['user', undefined],
      ['assistant', undefined],
      ['tool', 'Bash'],
    ]);
  });

  test('count_tokens counts', async () => {
    const body = await (
      await post('/messages/count_tokens', { model: 'scripted', messages: [{ role: 'user', content: 'x'.repeat(400) }] })
    ).json();
    expect(body).toEqual({ input_tokens: 100 });
  });
});

test.each([
  ['/chat/completions', { messages: [] }, { reasoning_effort: 'low' }],
  ['/responses', { input: 'x' }, { reasoning: { effort: 'low' } }],
  ['/messages', { messages: [] }, { output_config: { effort: 'low' } }],
])('%s: the effort that was asked for is kept with the request, null where nothing was said', async (path, body, effort) => {
  await post(path, { model: 'scripted', ...body });
  await post(path, { model: 'scripted', ...body, ...effort });
  expect(model.requests().map((request) => request.effort)).toEqual([null, 'low']);
});

describe('faults', () => {
  test('a 429 says when to come back, once; the same request then gets its answer, another session its own failure', async () => {
    const content = script({ error: { status: 429, retryAfterSeconds: 7 }, text: 'made it' });
    const first = await openAi(content, {}, { 'x-session-id': 'a' });
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await first.json()).toMatchObject({ error: { type: 'rate_limit_error' } });
    expect((await (await openAi(content, {}, { 'x-session-id': 'a' })).json()).choices[0].message.content).toBe('made it');
    expect((await openAi(content, {}, { 'x-session-id': 'b' })).status).toBe(429);
    model.reset();
    expect((await openAi(content, {}, { 'x-session-id': 'a' })).status).toBe(429);
  });

  test('a failure that is for always stays, in the shape of its provider', async () => {
    const content = script({ error: { status: 529, always: true, message: 'Overloaded' } });
    for (let time = 0; time < 2; time++) {
      const response = await anthropic(content);
      expect(response.status).toBe(529);
      expect(await response.json()).toEqual({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
    }
    expect(model.requests().map((request) => request.status)).toEqual([529, 529]);
  });

  test('a failure for each conversation that does not say something is none for one that does', async () => {
    const steps = script({ error: { status: 400, always: true, unless: 'that is the past' }, text: 'made it' });
    expect((await openAi(steps)).status).toBe(400);
    const told = await openAi(`That is the past.\n${steps}`);
    expect((await told.json()).choices[0].message.content).toBe('made it');
  });

  test('a hung answer sends its headers and nothing more until the caller leaves', async () => {
    const response = await openAi(script({ hang: true }), { stream: true });
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    let arrived = false;
    const readOn = async () => {
      const part = await reader?.read();
      arrived = part?.done === false;
    };
    const reading = readOn();
    // Whole answers, asked for later, come while this one is silent.
    for (let other = 0; other < 3; other++) await (await openAi(script({ text: 'quick' }), { stream: true })).text();
    expect(arrived).toBe(false);
    await reader?.cancel();
    await reading;
  });

  test('a cut answer breaks off in the middle', async () => {
    const response = await openAi(script({ text: 'one two three four', cutAfterChunks: 3 }), { stream: true });
    const reader = response.body?.getReader();
    let text = '';
    const readOn = async () => {
      for (;;) {
        const part = await reader?.read();
        if (part === undefined || part.done) return;
        text += new TextDecoder().decode(part.value);
      }
    };
    await expect(readOn()).rejects.toThrow('terminated');
    expect(text).toContain('two ');
    expect(text).not.toContain('three');
  });

  test('broken tool arguments are not JSON, streamed or not', async () => {
    const content = script({ tool: 'bash', badJson: true });
    const plain = await (await openAi(content)).json();
    expect(() => JSON.parse(plain.choices[0].message.tool_calls[0].function.arguments)).toThrow(SyntaxError);
    expect(await (await anthropic(content, { stream: true })).text()).toContain('{\\"broken\\": tru');
  });

  test('a slow step waits before the first byte and between chunks', async () => {
    const started = performance.now();
    await (await openAi(script({ text: 'a b c', delayMs: 60, chunkMs: 20 }), { stream: true })).text();
    expect(performance.now() - started).toBeGreaterThanOrEqual(120); // 60 and 20 for each of the chunks after the first, of which there are more than three
  });

  test('a pace holds for the steps that name no wait of their own', async () => {
    const paced = await startModel({ stories: storyLibrary([]), pace: { delayMs: 80 } });
    try {
      const timed = async (...steps: object[]) => {
        const started = performance.now();
        await fetch(`${paced.url}/chat/completions`, {
          method: 'POST',
          body: JSON.stringify({
            model: 'm',
            messages: [{ role: 'user', content: script(...steps) }],
            tools: [{ function: { name: 'bash' } }],
          }),
        });
        return performance.now() - started;
      };
      expect(await timed({ text: 'a' })).toBeGreaterThanOrEqual(79);
      expect(await timed({ text: 'a', delayMs: 0 })).toBeLessThan(79);
    } finally {
      await paced.close();
    }
  });

  test('a caller that leaves during a wait ends it', async () => {
    const caller = new AbortController();
    const asked = fetch(`${model.url}/chat/completions`, {
      method: 'POST',
      signal: caller.signal,
      body: JSON.stringify({
        model: 'm',
        messages: [{ role: 'user', content: script({ text: 'a', delayMs: 600_000 }) }],
        tools: [{ function: { name: 'bash' } }],
      }),
    });
    await expect.poll(() => model.requests().length).toBe(1);
    caller.abort();
    await expect(asked).rejects.toThrow(/abort/);
  });
});

describe('the server', () => {
  test('lists its models and answers other routes and wrong bodies with an error', async () => {
    expect(await (await fetch(`${model.url}/models`)).json()).toMatchObject({
      object: 'list',
      data: [{ id: 'scripted' }, { id: 'scripted-small' }],
    });
    expect((await fetch(`${model.url}/nothing`)).status).toBe(404);
    expect((await post('/embeddings', {})).status).toBe(404);
    const wrong = await post('/chat/completions', { model: 'm', messages: 'hello' });
    expect([wrong.status, (await wrong.json()).error.message]).toEqual([400, expect.stringContaining('messages')]);
    expect((await fetch(`${model.url}/messages`, { method: 'POST', body: '{' })).status).toBe(400);
  });

  test('refuses a bad key when it is told the good ones, and records which key came', async () => {
    const strict = await startModel({ stories: storyLibrary([]), keys: ['good'] });
    try {
      const ask = (headers: Record<string, string>) =>
        fetch(`${strict.url}/messages`, { method: 'POST', headers, body: JSON.stringify({ model: 'm', messages: [] }) });
      expect((await ask({})).status).toBe(401);
      expect((await ask({ 'x-api-key': 'bad' })).status).toBe(401);
      expect((await ask({ 'x-api-key': 'good' })).status).toBe(200);
      expect((await ask({ authorization: 'Bearer good' })).status).toBe(200);
      expect(strict.requests().map((request) => request.key)).toEqual(['good', 'good']);
    } finally {
      await strict.close();
    }
  });

  test('listens on loopback only, and closes with answers still open', async () => {
    expect(model.url).toBe(`http://127.0.0.1:${model.port}/v1`);
    const hung = await openAi(script({ hang: true }), { stream: true });
    await model.close();
    await expect(hung.text()).rejects.toThrow('terminated');
    model = await startModel({ stories: storyLibrary([]) });
  });

  test('goes on in the middle of a conversation after a restart', async () => {
    const messages = [
      { role: 'user', content: script({ text: 'a' }, { text: 'b' }) },
      { role: 'assistant', content: 'a' },
      { role: 'user', content: 'and?' },
    ];
    const before = await (await openAi('', { messages })).json();
    await model.close();
    model = await startModel({ stories: storyLibrary([]) });
    const after = await (await openAi('', { messages })).json();
    expect([before, after].map((body) => body.choices[0].message.content)).toEqual(['b', 'b']);
  });
});

test('a provider in trouble changes what is answered to whom it will, until it is well again', async () => {
  const ask = async (session: string): Promise<number> => (await openAi(script({ text: 'Well.' }), {}, { 'x-session-id': session })).status;
  model.inject((answer, session) => (session === 'full' ? { ...answer, error: { status: 400, always: true } } : answer));
  expect([await ask('full'), await ask('other'), await ask('full')]).toEqual([400, 200, 400]);
  model.inject(null);
  expect(await ask('full')).toBe(200);
  model.inject(() => ({ error: 503 }));
  model.reset();
  expect(await ask('other')).toBe(200);
});
