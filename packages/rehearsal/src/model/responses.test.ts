import { afterEach, beforeEach, expect, test } from 'vitest';
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
const user = (text: string) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
const TOOLS = [
  { type: 'function', name: 'exec_command', parameters: {} },
  { type: 'namespace', name: 'mcp__gt', tools: [{ type: 'function', name: 'done' }] },
  { type: 'web_search' },
];

const ask = (input: unknown, more: object = {}): Promise<Response> =>
  fetch(`${model.url}/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'session-id': 'thread-1' },
    body: JSON.stringify({ model: 'scripted', instructions: 'You are a polecat.', input, tools: TOOLS, ...more }),
  });

const Event = z.looseObject({ type: z.string(), sequence_number: z.number() });
const eventsOf = async (response: Response) =>
  (await response.text())
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => Event.parse(JSON.parse(line.slice(6))));

const STEPS = script(
  {
    text: 'Two at once.',
    tools: [
      { tool: 'bash', args: { command: 'ls' } },
      { tool: 'gt_done', args: { summary: 'x' } },
    ],
  },
  { text: 'Over.' },
);

test('an answer holds text and calls; a tool of a namespace is called by its place, a shell in the spelling of Codex', async () => {
  const body = await (await ask([user(STEPS)])).json();
  expect(body).toMatchObject({
    object: 'response',
    status: 'completed',
    output: [
      { type: 'message', content: [{ type: 'output_text', text: 'Two at once.' }] },
      { type: 'function_call', name: 'exec_command', arguments: '{"cmd":"ls"}' },
      { type: 'function_call', namespace: 'mcp__gt', name: 'done', arguments: '{"summary":"x"}' },
    ],
    usage: { input_tokens_details: { cached_tokens: 0 } },
  });
});

test('streamed: numbered events, whose last one holds what the whole answer would', async () => {
  const events = await eventsOf(await ask([user(STEPS)], { stream: true }));
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  expect(events[0]?.type).toBe('response.created');
  const told = events.filter((event) => event.type === 'response.output_text.delta').map((event) => event['delta']);
  expect(told.join('')).toBe('Two at once.');
  expect(events.at(-1)).toMatchObject({
    type: 'response.completed',
    response: {
      output: [{ type: 'message' }, { type: 'function_call' }, { type: 'function_call' }],
      usage: { output_tokens: expect.any(Number) },
    },
  });
});

test('several items of one answer are one step, so the script goes on where it was', async () => {
  const input = [
    user(STEPS),
    { type: 'reasoning', summary: [] },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Two at once.' }] },
    { type: 'function_call', call_id: 'c1', name: 'exec_command', arguments: '{}' },
    { type: 'function_call', call_id: 'c2', namespace: 'mcp__gt', name: 'done', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c1', output: 'f.txt' },
    { type: 'function_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'Handed in.' }] },
  ];
  expect(await (await ask(input)).json()).toMatchObject({ output: [{ type: 'message', content: [{ text: 'Over.' }] }] });
  expect(model.requests().at(-1)).toMatchObject({ api: 'responses', plan: { step: 1 } });
  expect(model.requests().at(-1)?.conversation.turns.slice(-2)).toEqual([
    { role: 'tool', text: 'f.txt', tool: 'exec_command' },
    { role: 'tool', text: 'Handed in.', tool: 'mcp__gt__done' },
  ]);
});

test('a failure carries the code of the provider and is given once; a content filter ends the answer as not complete', async () => {
  const failing = [user(script({ error: { status: 400, message: 'too long', code: 'context_length_exceeded' }, text: 'Well.' }))];
  const refused = await ask(failing);
  expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: 'context_length_exceeded', message: 'too long' } }]);
  expect(await (await ask(failing)).json()).toMatchObject({ output: [{ content: [{ text: 'Well.' }] }] });
  const events = await eventsOf(await ask([user(script({ text: 'I', refused: true }))], { stream: true }));
  expect(events.at(-1)).toMatchObject({ type: 'response.incomplete', response: { incomplete_details: { reason: 'content_filter' } } });
  expect(await (await ask('hello', { input: 7 })).json()).toMatchObject({ error: { type: 'invalid_request_error' } });
});

test('a failure within the stream begins as an answer does and ends as failed, as OpenAI tells of a full context', async () => {
  const fault = {
    status: 400,
    streamed: true,
    message: 'Your input exceeds the context window of this model.',
    code: 'context_length_exceeded',
  };
  const failing = [user(script({ error: fault, text: 'Well.' }))];
  const answer = await ask(failing, { stream: true });
  expect(answer.status).toBe(200);
  expect(await eventsOf(answer)).toMatchObject([
    { type: 'response.created', sequence_number: 0, response: { status: 'in_progress' } },
    { type: 'response.failed', sequence_number: 1, response: { status: 'failed', error: { code: fault.code, message: fault.message } } },
  ]);
  expect((await eventsOf(await ask(failing, { stream: true }))).at(-1)?.type).toBe('response.completed');
  const unstreamed = [user(script({ error: fault }))];
  expect((await ask(unstreamed)).status).toBe(400);
});
