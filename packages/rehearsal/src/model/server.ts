/**
 * The scripted model server: answers as a model provider does, on loopback only, from stories.
 *
 * It owns the record of requests and the memory of failures given; nothing else. Any answer depends on the request alone, so the server
 * may be restarted in the middle of a conversation and goes on where it was.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { z } from 'zod';
import { closeServer, listenOnLoopback } from '../loopback.ts';
import { AnthropicRequest, anthropicConversation } from './anthropic-request.ts';
import { anthropicBody, anthropicChunks } from './anthropic-response.ts';
import { answerOf } from './answer.ts';
import type { Conversation } from './conversation.ts';
import { sendEvents, waitUnlessGone } from './event-stream.ts';
import { FaultMemory, faultHeaders } from './faults.ts';
import { goneSignal, jsonBody, keyOf, refuse, send } from './http.ts';
import type { WireFormat } from './http.ts';
import { OpenAiRequest, openAiConversation } from './openai-request.ts';
import { openAiBody, openAiChunks } from './openai-response.ts';
import { planAnswer } from './plan.ts';
import type { Plan } from './plan.ts';
import { placeOfTool, ResponsesRequest, responsesConversation } from './responses-request.ts';
import { failedResponseChunks, responsesBody, responsesChunks } from './responses-response.ts';
import { Step } from './story.ts';
import type { StepInput, StoryLibrary } from './story.ts';

export interface ModelOptions {
  readonly port?: number;
  readonly stories: StoryLibrary;
  /** When given, any other key is refused with 401, as a provider refuses a bad key. */
  readonly keys?: readonly string[];
  /** Waits for steps that name none of their own, so that a person can watch. None by default. */
  readonly pace?: Pick<Step, 'delayMs' | 'chunkMs'>;
  readonly log?: (request: ModelRequest) => void;
}

/** One model request as it came in, and what was played. `key` is the key that came with it. */
export interface ModelRequest {
  readonly api: WireFormat;
  readonly model: string;
  readonly stream: boolean;
  /** How hard it is to think, in the provider's own place; null: nothing was said. */
  readonly effort: string | null;
  readonly headers: IncomingMessage['headers'];
  readonly key: string | null;
  readonly conversation: Conversation;
  readonly plan: Omit<Plan, 'answer'>;
  /** HTTP status of the answer. */
  readonly status: number;
}

/** What is answered in place of the planned step, to whichever session asks. */
export type ChangeOfAnswer = (answer: Step, session: string) => StepInput;

export interface ModelServer {
  readonly url: string;
  readonly port: number;
  /** The last requests, oldest first. */
  requests(): readonly ModelRequest[];
  /** A provider in trouble, whatever the stories say: each call from now on is changed, until null. */
  inject(change: ChangeOfAnswer | null): void;
  /** Forgets requests, failures given and the change. */
  reset(): void;
  close(): Promise<void>;
}

/** Requests kept for `requests()`: a whole conversation each, so not many. */
const KEPT_REQUESTS = 300;
const MODELS = ['scripted', 'scripted-small'];

export async function startModel(options: ModelOptions): Promise<ModelServer> {
  const state = { requests: [] as ModelRequest[], faults: new FaultMemory(), ids: 0, change: null as ChangeOfAnswer | null };
  const nextId = (prefix: string) => `${prefix}_${process.pid.toString(36)}${(state.ids++).toString(36)}`;
  const record = (request: ModelRequest) => {
    state.requests.push(request);
    if (state.requests.length > KEPT_REQUESTS) state.requests.shift();
    options.log?.(request);
  };
  const server: Server = createServer((request, response) => {
    route({ request, response, options, faults: state.faults, change: state.change, nextId, record }).catch((cause: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 'openai', 500, cause instanceof Error ? cause.message : String(cause));
    });
  });
  const port = await listenOnLoopback(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    requests: () => [...state.requests],
    inject: (change) => void (state.change = change),
    reset: () => {
      state.requests.length = 0;
      state.faults.clear();
      state.change = null;
    },
    close: () => closeServer(server),
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly options: ModelOptions;
  readonly faults: FaultMemory;
  readonly change: ChangeOfAnswer | null;
  readonly nextId: (prefix: string) => string;
  readonly record: (request: ModelRequest) => void;
}

async function route(exchange: Exchange): Promise<void> {
  const { request, response, options } = exchange;
  const path = new URL(request.url ?? '/', 'http://loopback').pathname;
  const api = path.endsWith('/messages') || path.endsWith('/count_tokens') ? 'anthropic' : 'openai';
  if (options.keys !== undefined && !options.keys.includes(keyOf(request) ?? '')) return refuse(response, api, 401, 'invalid API key');
  if (request.method === 'GET' && path.endsWith('/models')) return send(response, 200, modelList());
  if (request.method !== 'POST') return refuse(response, api, 404, `no such route: ${request.method} ${path}`);
  const body = await jsonBody(request);
  if (path.endsWith('/chat/completions')) return answerOpenAi(exchange, body);
  if (path.endsWith('/responses')) return answerResponses(exchange, body);
  if (path.endsWith('/messages/count_tokens')) return countTokens(exchange, body);
  if (path.endsWith('/messages')) return answerAnthropic(exchange, body);
  return refuse(response, api, 404, `no such route: POST ${path}`);
}

const modelList = () => ({
  object: 'list',
  data: MODELS.map((id) => ({ id, object: 'model', created: 0, owned_by: 'gastown-rehearsal' })),
});

async function answerOpenAi(exchange: Exchange, body: unknown): Promise<void> {
  const parsed = OpenAiRequest.safeParse(body);
  if (!parsed.success) return refuse(exchange.response, 'openai', 400, z.prettifyError(parsed.error));
  const { model, stream, stream_options: streamOptions, reasoning_effort: effort = null } = parsed.data;
  const conversation = openAiConversation(parsed.data);
  await play(exchange, { api: 'openai', model, stream: stream === true, effort, conversation }, (plan, nextId) => {
    const answer = answerOf(plan, conversation, () => nextId('call'));
    const frame = { id: nextId('chatcmpl'), created: Math.floor(Date.now() / 1000), model };
    return { body: openAiBody(answer, frame), chunks: openAiChunks(answer, frame, streamOptions?.include_usage === true) };
  });
}

async function answerResponses(exchange: Exchange, body: unknown): Promise<void> {
  const parsed = ResponsesRequest.safeParse(body);
  if (!parsed.success) return refuse(exchange.response, 'responses', 400, z.prettifyError(parsed.error));
  const { model, stream, reasoning } = parsed.data;
  const effort = reasoning?.effort ?? null;
  const conversation = responsesConversation(parsed.data);
  await play(exchange, { api: 'responses', model, stream: stream === true, effort, conversation }, (plan, nextId) => {
    const answer = answerOf(plan, conversation, () => nextId('call'));
    const frame = { ...headOf(model, nextId), place: (spelled: string) => placeOfTool(parsed.data, spelled) };
    return { body: responsesBody(answer, frame), chunks: responsesChunks(answer, frame) };
  });
}

const headOf = (model: string, nextId: Exchange['nextId']) => ({ id: nextId('resp'), created: Math.floor(Date.now() / 1000), model });

async function answerAnthropic(exchange: Exchange, body: unknown): Promise<void> {
  const parsed = AnthropicRequest.safeParse(body);
  if (!parsed.success) return refuse(exchange.response, 'anthropic', 400, z.prettifyError(parsed.error));
  const { model, stream, output_config: output } = parsed.data;
  const effort = output?.effort ?? null;
  const conversation = anthropicConversation(parsed.data);
  await play(exchange, { api: 'anthropic', model, stream: stream === true, effort, conversation }, (plan, nextId) => {
    const answer = answerOf(plan, conversation, () => nextId('toolu'));
    const frame = { id: nextId('msg'), model };
    return { body: anthropicBody(answer, frame), chunks: anthropicChunks(answer, frame) };
  });
}

function countTokens({ response, nextId }: Exchange, body: unknown): void {
  const parsed = AnthropicRequest.safeParse(body);
  if (!parsed.success) return refuse(response, 'anthropic', 400, z.prettifyError(parsed.error));
  const conversation = anthropicConversation(parsed.data);
  const { usage } = answerOf({ kind: 'unknown', role: null, scene: null, step: -1, answer: { text: '' } }, conversation, () =>
    nextId('toolu'),
  );
  send(response, 200, { input_tokens: usage.inputTokens + usage.cachedTokens });
}

/** How agents name their session; for the memory of failures, and for who changes answers. */
const SESSION_HEADERS = ['x-session-id', 'x-claude-code-session-id', 'session-id'];
const sessionOf = ({ headers }: IncomingMessage): string => String(SESSION_HEADERS.map((name) => headers[name]).find(Boolean) ?? '');

type Asked = Pick<ModelRequest, 'api' | 'model' | 'stream' | 'effort' | 'conversation'>;
type Written = { readonly body: object; readonly chunks: readonly string[] };

/** Plays the planned step in its manner: late, failing, hanging, cut, or as it should be. */
async function play(exchange: Exchange, asked: Asked, write: (plan: Plan, nextId: Exchange['nextId']) => Written): Promise<void> {
  const { request, response, options, faults, change, nextId, record } = exchange;
  const planned = planAnswer(asked.conversation, options.stories);
  const session = sessionOf(request);
  const plan = change === null ? planned : { ...planned, answer: Step.parse(change(planned.answer, session)) };
  const { answer, ...played } = plan;
  const step = { ...options.pace, ...answer };
  const fault = faults.take(plan, asked.conversation, session);
  const inStream = fault?.streamed === true && asked.api === 'responses' && asked.stream;
  record({
    ...asked,
    headers: request.headers,
    key: keyOf(request),
    plan: played,
    status: fault === null || inStream ? 200 : fault.status,
  });
  const gone = goneSignal(response);
  if (!(await waitUnlessGone(step.delayMs ?? 0, gone))) return;
  if (fault !== null) {
    const message = fault.message ?? `scripted failure ${fault.status}`;
    if (!inStream) return refuse(response, asked.api, fault.status, message, faultHeaders(fault), fault.code);
    return sendEvents(
      response,
      failedResponseChunks({ code: fault.code ?? 'server_error', message }, headOf(asked.model, nextId)),
      step,
      gone,
    );
  }
  // A step that only fails has nothing to say once the failure is over.
  const written = write(
    step.text === undefined && step.tool === undefined && step.tools === undefined
      ? { ...plan, answer: { ...step, text: 'Recovered.' } }
      : plan,
    nextId,
  );
  if (asked.stream) return sendEvents(response, written.chunks, step, gone);
  if (step.hang) {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    return;
  }
  if (step.cutAfterChunks !== undefined) {
    response.destroy();
    return;
  }
  send(response, 200, written.body);
}
