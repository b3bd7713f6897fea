import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { failure, LIMITS } from '@gastown/protocol';
import type { Result, Role, ToolAnswer } from '@gastown/protocol';
import { makeCallerCheck } from './caller.ts';
import type { CallerCheck } from './caller.ts';
import { boundConnections } from './connections.ts';
import { addressAtDoor, passToDoor } from './door.ts';
import type { Log } from '../system/log.ts';
import { answerText, checkCall, refusalText, refusalWords, toolList } from './tools.ts';
import type { CheckedCall } from './tools.ts';

/**
 * The tools of the town over MCP, on loopback. The secret in the address is the identity: one for each run, unknown after its end (404), never shared, and good from the agent's own process only (403).
 * Below it is the model door for agents that would show their token to their shells (`/llm/…`): the runner adds that, so they have none. Stateless: each request gets a server of its own, so nothing is left behind by an agent that died.
 */
export interface ToolServer {
  /** The address to give to one run's session. */
  admit(guest: Guest): Admission;
  close(): Promise<void>;
}

interface Admission {
  readonly url: string;
  /** The agent process that gets the address. */
  readonly from: (pid: number | null) => void;
  readonly dismiss: () => void;
}

interface Admitted {
  readonly guest: Guest;
  readonly check: CallerCheck;
}

interface Guest {
  readonly role: Role;
  readonly instructions: string;
  readonly call: (call: CheckedCall) => Promise<Result<ToolAnswer>>;
  /** The token of its pool at the model door. */
  readonly doorToken: () => Promise<string>;
}

export async function openToolServer(log: Log, doorUrl: string): Promise<ToolServer> {
  const guests = new Map<string, Admitted>();
  const http = createServer((request, response) => {
    handle({ guests, log, doorUrl, isAgents }, request, response).catch((error: unknown) => {
      log('mcp.broken', { reason: String(error) });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  const isAgents = boundConnections(http);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('the tool server has no port');
  return {
    admit(guest) {
      const secret = randomBytes(24).toString('base64url');
      const check = makeCallerCheck();
      guests.set(secret, { guest, check });
      return {
        url: `http://127.0.0.1:${address.port}/mcp/${secret}`,
        from: check.from,
        dismiss: () => void guests.delete(secret),
      };
    },
    async close() {
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
}

interface House {
  readonly guests: ReadonlyMap<string, Admitted>;
  readonly log: Log;
  readonly doorUrl: string;
  /** This connection is one of an agent that the address was given to. */
  readonly isAgents: (socket: Socket) => void;
}

async function handle({ guests, log, doorUrl, isAgents }: House, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isOurs(request)) return plain(response, 403, 'Only for programs on this machine.');
  const [, secret, below] = /^\/mcp\/([A-Za-z0-9_-]+)(\/llm\/.*)?$/.exec(request.url ?? '') ?? [];
  const admitted = secret === undefined ? undefined : guests.get(secret);
  if (admitted === undefined || secret === undefined)
    return plain(response, 404, 'There is nothing here: the run has ended, or the address is wrong.');
  if (request.method !== 'POST') return plain(response, 405, 'Only POST.');
  const { guest, check } = admitted;
  const stranger = await check.strangerAt(request.socket);
  // Who has gone meanwhile cannot be found any more, and is told nothing.
  if (request.socket.destroyed) return;
  if (stranger !== null) {
    log('tools.stranger', {
      pid: stranger.pid,
      command: stranger.command.replaceAll(secret, '****').slice(0, COMMAND_CHARACTERS),
      role: guest.role,
    });
    return plain(response, 403, "These are another process's tools: only the agent that they were given to may call them.");
  }
  isAgents(request.socket);
  if (below !== undefined) {
    const address = addressAtDoor({ url: doorUrl, path: below });
    if (address === null) return plain(response, 404, 'That is not at the model door.');
    return passToDoor(address, await guest.doorToken(), request, response);
  }
  const body = await readBody(request);
  if (!body.ok) return plain(response, body.status, body.says);
  const server = serverFor(guest);
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  response.on('close', () => void server.close());
  await server.connect(transport);
  await transport.handleRequest(request, response, body.value);
}

const COMMAND_CHARACTERS = 1_000;

/** A page that a browser of this machine shows cannot call, even under a name that was made to mean this address. */
const isOurs = ({ headers, socket }: IncomingMessage): boolean =>
  headers.origin === undefined && headers.host === `127.0.0.1:${socket.localPort}`;

function serverFor(guest: Guest): Server {
  const server = new Server({ name: 'gt', version: '1' }, { capabilities: { tools: {} }, instructions: guest.instructions });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: toolList(guest.role) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const checked = checkCall(guest.role, params.name, params.arguments);
    if (!checked.ok) return refusalText(checked.failure);
    const answer = await guest.call(checked.value);
    return answer.ok ? answerText(answer.value) : refusalText(answer.failure);
  });
  return server;
}

type Body = { ok: true; value: unknown } | { ok: false; status: number; says: string };

/** What is too large is read on and thrown away, for who is still sending hears no answer and loses the connection, and with it the next call; but not without end. */
const MOST_READ = 32 * LIMITS.frameBytes.value;
const TOO_LARGE = refusalWords(failure('too_large', `A call takes at most ${LIMITS.frameBytes.value} bytes.`));

async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_READ) break;
    if (size > LIMITS.frameBytes.value) chunks.length = 0;
    else chunks.push(chunk);
  }
  if (size > LIMITS.frameBytes.value) return { ok: false, status: 413, says: TOO_LARGE };
  try {
    return { ok: true, value: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, status: 400, says: 'Not JSON.' };
    throw error;
  }
}

function plain(response: ServerResponse, status: number, says: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${says}\n`);
}
