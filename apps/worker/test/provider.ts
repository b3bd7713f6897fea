import { HOSTILE_CASES } from '../src/door/keys.hostile.ts';

/**
 * A model provider (and a container host) of the tests, in Node, beside workerd. The first part of the path is the scenario, with a suffix after `-` for the test's own list.
 * `GET http://provider.test/seen/<scenario>` tells what arrived: `[{ url, headers, body }]`.
 */
interface Seen {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string;
}
const seen = new Map<string, Seen[]>();
const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;
const sse = (...parts: string[]) =>
  new Response(parts.join(''), { headers: { 'content-type': 'text/event-stream', 'set-cookie': 'tracking=1' } });
const delta = (content: string) => event({ choices: [{ delta: { content } }] });
const usage = { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 40 } };

/** What the agent's call wishes to hear, with the key of the call in it. */
const echoOf = (call: Seen): Response => {
  const { user, status } = JSON.parse(call.body) as { user: string; status: number };
  const key = (call.headers.authorization ?? '').replace('Bearer ', '');
  const says = HOSTILE_CASES.find(({ id }) => id === user)?.says(key);
  const error = { error: { message: says, code: status === 200 ? 'rate_limit_exceeded' : null } };
  return status === 200 ? sse(event(error)) : Response.json(error, { status });
};

const SCENARIOS: Record<string, (call: Seen) => Response> = {
  stream: () => sse(delta('Hello '), delta('world'), event({ choices: [], usage }), 'data: [DONE]\n\n'),
  whole: () => Response.json({ choices: [{ message: { content: 'Hello' } }], usage: { ...usage, cost: 0.5 } }),
  claude: () =>
    sse(
      event({ type: 'message_start', message: { usage: { input_tokens: 10, output_tokens: 1 } } }),
      event({ type: 'message_delta', usage: { output_tokens: 42 } }),
    ),
  declines: () =>
    sse(
      event({ type: 'message_start', message: { usage: { input_tokens: 10, output_tokens: 1 } } }),
      event({ type: 'message_delta', delta: { stop_reason: 'refusal' }, usage: { output_tokens: 3 } }),
    ),
  responses: () =>
    sse(
      event({ type: 'response.output_text.delta', delta: 'Hello' }),
      event({
        type: 'response.completed',
        response: { usage: { input_tokens: 100, output_tokens: 20, input_tokens_details: { cached_tokens: 40 } } },
      }),
    ),
  quota: (call) =>
    Response.json(
      { error: { message: `You exceeded your current quota (${call.headers.authorization})`, code: 'insufficient_quota' } },
      { status: 429 },
    ),
  toolong: () =>
    Response.json(
      { error: { message: "This model's maximum context length is 8192 tokens", code: 'context_length_exceeded' } },
      { status: 400 },
    ),
  refuses: (call) => Response.json({ error: { message: `Incorrect API key provided: ${call.headers.authorization}` } }, { status: 401 }),
  broke: (call) => Response.json({ error: { message: `no credit for ${call.headers.authorization}` } }, { status: 402 }),
  slow: () => Response.json({ error: { message: 'slow down' } }, { status: 429, headers: { 'retry-after': '7' } }),
  breaks: () => Response.json({ error: { message: 'something broke' } }, { status: 500 }),
  echoes: echoOf,
  moved: () => new Response(null, { status: 307, headers: { location: 'http://provider.test/stream/chat/completions' } }),
  /** Says two words and then nothing more, for ever. */
  drip: () =>
    new Response(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(delta('12345678'))) }), {
      headers: { 'content-type': 'text/event-stream' },
    }),
  /** Far more than the buffers between here and the agent hold. */
  long: () => sse(...Array.from({ length: 5_000 }, () => delta('x'.repeat(200))), event({ choices: [], usage })),
};

export async function outbound(request: Request): Promise<Response> {
  const { hostname, pathname } = new URL(request.url);
  const scenario = pathname.split('/')[1] ?? '';
  if (hostname === 'provider.test' && scenario === 'seen') return Response.json(seen.get(pathname.slice(6)) ?? []);
  const call: Seen = { url: request.url, method: request.method, headers: Object.fromEntries(request.headers), body: await request.text() };
  const name = hostname === 'provider.test' ? `${scenario}` : hostname;
  seen.set(name, [...(seen.get(name) ?? []), call]);
  if (hostname === 'host.test') return Response.json({ state: request.method === 'DELETE' ? 'stopped' : 'running', pid: 1 });
  if (scenario.startsWith('hang')) return new Promise(() => {});
  return SCENARIOS[scenario.split('-')[0] ?? '']?.(call) ?? new Response('nothing here', { status: 404 });
}
