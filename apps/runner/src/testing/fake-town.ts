import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { CONVERSATION_HEADER, EffectId, FromRunner, httpStatus, nextStep, StreamIn } from '@gastown/protocol';
import type {
  Failure,
  FromRunner as Frame,
  Outcome,
  Report,
  Result,
  RigId,
  RunnerEffect,
  ToolAnswer,
  ToRunner,
  TranscriptItem,
} from '@gastown/protocol';
import { until } from './until.ts';

/** A town for tests: the runner's three doors (link, streams, models) on one loopback port. It commits and acknowledges everything at once, unless told otherwise. */
export interface FakeTown {
  readonly url: string;
  readonly hellos: Extract<Frame, { t: 'hello' }>[];
  readonly reports: Report[];
  readonly seqs: number[];
  readonly calls: Extract<Frame, { t: 'call' }>[];
  readonly items: Map<string, TranscriptItem>;
  readonly lives: Extract<StreamIn, { t: 'live' }>[];
  /** What is kept of conversations, by agent. A test may take or damage it. */
  readonly conversations: Map<string, { header: string; bytes: Buffer }>;
  readonly modelCalls: { path: string; sessionId: string | null; key: string | null }[];
  /** Sends an effect and resolves with its outcome. */
  perform(effect: RunnerEffect, effectId?: string): Promise<Outcome>;
  send(frame: ToRunner): void;
  dropLink(): void;
  dropSockets(): void;
  /** Transcript sockets that were opened so far. */
  streams(): number;
  /** The addresses of those that are open now. */
  openStreams(): string[];
  /** Tells every stream to end for good. */
  sayOver(): void;
  close(): Promise<void>;
}

export interface FakeTownOptions {
  readonly answer?: (call: Extract<Frame, { t: 'call' }>) => Result<ToolAnswer>;
  readonly token?: (rigId: string) => string | null;
  /** Base address of a model server that answers for the model door. */
  readonly modelUrl?: string;
  /** What the town does with a frame before the usual; true: nothing more. */
  readonly intercept?: (frame: Frame, socket: WebSocket) => boolean;
  /** Why the town opens no link at this moment; null: it does. */
  readonly refuses?: () => Failure | null;
  /** The same for transcripts; `silence`: they get no answer. */
  readonly refusesStreams?: () => Failure | 'silence' | null;
  /** True: an item that comes is neither stored nor acknowledged. */
  readonly storesNothing?: () => boolean;
  /** What each welcome names; undefined, or absent: nothing. */
  readonly rigs?: () => RigId[] | undefined;
}

const say = (socket: WebSocket, frame: ToRunner): void => socket.send(JSON.stringify(frame));

const RECORDED: ToolAnswer = { summary: 'Recorded.', data: null, links: [] };

export async function openFakeTown(options: FakeTownOptions = {}): Promise<FakeTown> {
  const town = {
    hellos: [] as FakeTown['hellos'],
    reports: [] as Report[],
    seqs: [] as number[],
    calls: [] as FakeTown['calls'],
    items: new Map<string, TranscriptItem>(),
    lives: [] as FakeTown['lives'],
    conversations: new Map() as FakeTown['conversations'],
    modelCalls: [] as FakeTown['modelCalls'],
  };
  let committed = 0;
  let streams = 0;
  const streaming = new Map<WebSocket, string>();
  let link: WebSocket | null = null;
  const http = createServer((request, response) => {
    const asked = /^\/runner\/agents\/([^/]+)\/(conversation|items)/.exec(request.url ?? '');
    if (asked === null) return void passOn(options.modelUrl ?? '', town.modelCalls, request, response);
    if (asked[2] === 'items') return giveItems([...town.items.values()], request, response);
    void keepOrGive(town.conversations, asked[1]!, request, response);
  });
  const sockets = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    const refused = request.url === '/runner/link' ? options.refuses?.() : options.refusesStreams?.();
    if (refused === 'silence') return socket.destroy();
    if (!refused) return sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
    const body = JSON.stringify({ ok: false, failure: refused, next: nextStep(refused) });
    socket.end(
      `HTTP/1.1 ${httpStatus(refused.code)} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
  sockets.on('connection', (socket, request) => {
    if (request.headers.authorization !== 'Bearer runner-secret-token') return socket.close(4401);
    if (request.url !== '/runner/link') {
      streams++;
      streaming.set(socket, request.url ?? '');
      socket.on('close', () => streaming.delete(socket));
    }
    socket.on('message', (data) => {
      const text = data.toString();
      if (request.url === '/runner/link') return onFrame(FromRunner.parse(JSON.parse(text)), socket);
      const frame = StreamIn.parse(JSON.parse(text));
      if (frame.t === 'live') return void town.lives.push(frame);
      if (frame.t === 'terminal.refused') return;
      if (options.storesNothing?.()) return;
      town.items.set(frame.item.id, frame.item);
      socket.send(JSON.stringify({ t: 'ack', seq: frame.seq }));
    });
  });
  const onFrame = (frame: Frame, socket: WebSocket): void => {
    if (options.intercept?.(frame, socket)) return;
    switch (frame.t) {
      case 'hello':
        if (town.hellos.at(-1)?.instance !== frame.instance) committed = 0;
        town.hellos.push(frame);
        link = socket;
        return say(socket, { t: 'welcome', seq: committed, ...(options.rigs && { rigs: options.rigs() }) });
      case 'report':
        town.seqs.push(frame.seq);
        if (frame.seq > committed) town.reports.push(frame.report);
        committed = Math.max(committed, frame.seq);
        return say(socket, { t: 'ack', seq: committed });
      case 'call':
        town.calls.push(frame);
        return say(socket, { t: 'answer', callId: frame.callId, result: options.answer?.(frame) ?? { ok: true, value: RECORDED } });
      case 'credential':
        return say(socket, { t: 'credential', askId: frame.askId, token: options.token?.(frame.rigId) ?? null });
      case 'door':
        return say(socket, { t: 'door', askId: frame.askId, token: doorToken(frame.pool) });
    }
  };
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  let effects = 0;
  const send = (frame: ToRunner): void => {
    if (link === null) throw new Error('no runner yet');
    say(link, frame);
  };
  return {
    ...town,
    url: `http://127.0.0.1:${address.port}`,
    send,
    async perform(effect, effectId = `ef-${(++effects).toString(16).padStart(12, '0')}`) {
      await until('the runner says hello', () => link);
      const from = town.reports.length;
      send({ t: 'effect', effectId: EffectId.parse(effectId), effect });
      const report = await until(
        `the outcome of ${effect.kind}`,
        () => town.reports.slice(from).find((candidate) => candidate.kind === 'outcome' && candidate.effectId === effectId),
        90_000,
      );
      if (report.kind !== 'outcome') throw new Error('not an outcome');
      return report.outcome;
    },
    dropLink: () => link?.terminate(),
    dropSockets() {
      for (const socket of sockets.clients) socket.terminate();
    },
    streams: () => streams,
    openStreams: () => [...streaming.values()],
    sayOver() {
      for (const socket of streaming.keys()) socket.send(JSON.stringify({ t: 'over' }));
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
}

function giveItems(items: TranscriptItem[], request: IncomingMessage, response: ServerResponse): void {
  const query = new URL(request.url ?? '', 'http://town').searchParams;
  const stored = items
    .map((item, at) => ({ pos: at + 1, rev: at + 1, item }))
    .filter(({ pos }) => pos < Number(query.get('before') ?? Infinity));
  response.end(JSON.stringify({ ok: true, value: stored.slice(-Number(query.get('limit'))) }));
}

async function keepOrGive(
  kept: FakeTown['conversations'],
  agentId: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  if (request.method === 'POST') kept.set(agentId, { header: String(request.headers[CONVERSATION_HEADER]), bytes: Buffer.concat(chunks) });
  const there = kept.get(agentId);
  if (there === undefined)
    return void response.writeHead(404).end(JSON.stringify({ ok: false, failure: { code: 'unknown_conversation' } }));
  response.writeHead(200, { [CONVERSATION_HEADER]: there.header }).end(request.url?.includes('only=info') === true ? '' : there.bytes);
}

/** The model door without its rules: passes on, and notes who called. */
async function passOn(modelUrl: string, seen: FakeTown['modelCalls'], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const path = request.url ?? '';
  const header = (name: string): string | null => request.headers[name]?.toString() ?? null;
  const sessionId = header('x-session-id') ?? header('x-claude-code-session-id') ?? header('session-id');
  seen.push({ path, sessionId, key: header('authorization') ?? header('x-api-key') });
  const answer = await fetch(`${modelUrl}${path.replace(/^\/llm\/(openai|anthropic)/, '')}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(sessionId !== null && { 'x-session-id': sessionId }) },
    body: Buffer.concat(chunks),
  });
  const wait = answer.headers.get('retry-after');
  response.writeHead(answer.status, {
    'content-type': answer.headers.get('content-type') ?? 'text/plain',
    ...(wait !== null && { 'retry-after': wait }),
    ...((answer.status === 401 || answer.status === 403) && { 'x-should-retry': 'false' }),
  });
  try {
    for await (const chunk of answer.body ?? []) response.write(chunk);
    response.end();
  } catch {
    // The model's connection broke in the middle, so the agent's does.
    response.destroy();
  }
}

/** As a town's: what it names, then 43 characters that nobody can guess. */
const doorToken = (pool: string): string => `gtd.door-token.${pool}.${createHash('sha256').update(pool).digest('base64url')}`;
