import {
  CommandRequest,
  CreateTown,
  DeleteTown,
  failure,
  PersonCommand,
  SpendQuery,
  TerminalKind,
  type ModelApi,
  type Result,
  type RunnerId,
  type RunnerToken,
  type TownInfo,
} from '@gastown/protocol';
import type { Actor, Envelope } from '@gastown/town';
import { z } from 'zod';
import { activeTowns, renameTown } from '../directory/towns.ts';
import { handleModelCall, listModels } from '../door/door.ts';
import { giveConversation, keepConversation } from '../agent/conversation-routes.ts';
import { environmentOf, type Env } from '../env.ts';
import {
  badLinesOf,
  beadEventsOf,
  beadOf,
  beadsOf,
  discardBadLines,
  exportFrom,
  importInto,
  readyOf,
  rigQuery,
  startPlanned,
} from '../exchange/routes.ts';
import { boot, containerExited, namedTown, wakeAll } from '../host/routes.ts';
import { sealCommand } from '../secrets/commands.ts';
import { machineToken } from '../secrets/tokens.ts';
import type { TownRpc } from '../town/rpc.ts';
import { agentIdOf, requireHost, requireLiveTown, requireMember, requirePerson, requireRunner, runnerIdOf } from './access.ts';
import { answer, answerResult, Refused } from './answers.ts';
import { parseAs, readJson } from './body.ts';
import { requireNoBrowser } from './site.ts';
import { openForPage } from './page-sockets.ts';
import { signIn, signInLink, signOut } from './sign-in.ts';
import { upgradeFor } from './sockets.ts';
import { actorOf, createTown, deleteTown, listTowns, townObject } from './town-life.ts';

/** What a route gets. `later` keeps work alive after the answer. */
interface Asked {
  readonly request: Request;
  readonly env: Env;
  readonly param: (name: string) => string;
  readonly later: (work: Promise<unknown>) => void;
}
export type Access = 'everyone' | 'person' | 'town' | 'runner' | 'agent' | 'host';
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** Who it is for; the handler checks, and a test walks the table to see that each does. */
  readonly access: Access;
  readonly handle: (asked: Asked) => Promise<Response>;
}
const route = (method: Route['method'], path: string, access: Access, handle: Route['handle']): Route => ({ method, path, access, handle });

/** Every address that this Worker answers itself. What is not here is a file of the page, or nothing. */
export const ROUTES: readonly Route[] = [
  route('GET', '/healthz', 'everyone', async ({ env }) => Response.json({ ok: true, version: environmentOf(env).version })),
  route('GET', '/sign-in', 'everyone', ({ request, env, later }) => signIn(request, env, later)),
  route('GET', '/api/session', 'person', session),
  route('POST', '/api/session/end', 'person', async ({ request, env }) => {
    await requirePerson(request, env);
    return signOut(request, env);
  }),
  route('GET', '/api/towns', 'person', async ({ request, env }) => answer(await listTowns(env, await requirePerson(request, env)))),
  route('POST', '/api/towns', 'person', async ({ request, env }) => {
    const user = await requirePerson(request, env);
    return answer(await createTown(env, user, parseAs(CreateTown, await readJson(request))));
  }),
  route('DELETE', '/api/towns/:town', 'town', async ({ request, env, param }) => {
    const { town } = await requireMember(request, env, param('town'));
    await deleteTown(env, town, parseAs(DeleteTown, await readJson(request)).name);
    return answer(null);
  }),
  route('POST', '/api/towns/:town/commands', 'town', command),
  route('GET', '/api/towns/:town/spend', 'town', async ({ request, env, param }) => {
    const { town } = await requireLiveTown(request, env, param('town'));
    const query = parseAs(SpendQuery, Object.fromEntries(new URL(request.url).searchParams));
    return answerResult(await townObject(env, town.id).spendSeries(query));
  }),
  route('POST', '/api/towns/:town/import', 'town', async ({ request, env, param }) => {
    const { user, town } = await requireLiveTown(request, env, param('town'));
    return importInto(request, env, town.id, actorOf(user));
  }),
  route('GET', '/api/towns/:town/bad-lines', 'town', async ({ request, env, param }) => {
    const { town } = await requireLiveTown(request, env, param('town'));
    return badLinesOf(env, town.id, Object.fromEntries(new URL(request.url).searchParams));
  }),
  route('GET', '/api/towns/:town/export', 'town', async ({ request, env, param }) => {
    const { town } = await requireLiveTown(request, env, param('town'));
    return exportFrom(request, env, town.id);
  }),
  route('GET', '/api/towns/:town/audit', 'town', async ({ request, env, param }) => {
    const { town } = await requireLiveTown(request, env, param('town'));
    return answerResult(await townObject(env, town.id).audit());
  }),
  route('GET', '/api/towns/:town/live', 'town', async ({ request, env, param }) => {
    const { session, town } = await requireLiveTown(request, env, param('town'));
    return openForPage({ request, env, session }, { townId: town.id, agentId: null }, { role: 'browser' });
  }),
  route('GET', '/api/towns/:town/agents/:agent/live', 'town', async (asked) => openForWatcher(asked, () => ({ role: 'browser' }))),
  route('GET', '/api/towns/:town/agents/:agent/terminal', 'town', async (asked) =>
    openForWatcher(asked, () => ({ role: 'viewer', kind: terminalKindOf(asked.request) })),
  ),
  route('GET', '/api/towns/:town/agents/:agent/items', 'town', async (asked) => {
    const { agent } = await watchedAgent(asked);
    const query = parseAs(ItemsQuery, Object.fromEntries(new URL(asked.request.url).searchParams));
    return answer(await agent.items(query.before ?? null, query.limit));
  }),
  route('GET', '/api/towns/:town/beads', 'town', async ({ request, env, param }) =>
    beadsOf(request, env, (await requireLiveTown(request, env, param('town'))).town.id),
  ),
  route('GET', '/api/towns/:town/beads/:bead', 'town', async ({ request, env, param }) =>
    beadOf(env, (await requireLiveTown(request, env, param('town'))).town.id, param('bead')),
  ),
  route('GET', '/api/towns/:town/beads/:bead/events', 'town', async ({ request, env, param }) =>
    beadEventsOf(request, env, (await requireLiveTown(request, env, param('town'))).town.id, param('bead')),
  ),
  route('POST', '/api/towns/:town/runners/:runner/token', 'town', async ({ request, env, param }) => {
    const { user, town } = await requireLiveTown(request, env, param('town'));
    return giveRunnerToken(env, town.id, actorOf(user), runnerIdOf(param('runner')));
  }),
  route('GET', '/runner/self', 'runner', async ({ request, env }) => {
    const { townId, runnerId } = await requireRunner(request, env);
    return answerResult(await townObject(env, townId).runnerSelf(runnerId));
  }),
  route('GET', '/runner/link', 'runner', async ({ request, env }) => {
    const { townId, runnerId, serial } = await requireRunner(request, env);
    return townObject(env, townId).fetch(upgradeFor(request, { role: 'runner', runner: runnerId, serial: String(serial) }));
  }),
  route('GET', '/runner/agents/:agent/stream', 'runner', async (asked) => {
    const query = new URL(asked.request.url).searchParams;
    const isOver = query.get('over') === '1';
    return openOwn(asked, () => ({ role: 'runner', run: (query.get('run') ?? '').slice(0, 120), ...(isOver && { over: '1' }) }));
  }),
  route('GET', '/runner/agents/:agent/terminal', 'runner', (asked) =>
    openOwn(asked, () => ({ role: 'terminal', kind: terminalKindOf(asked.request) })),
  ),
  route('POST', '/runner/agents/:agent/conversation', 'runner', async (asked) =>
    keepConversation((await ownAgent(asked)).agent, asked.request),
  ),
  route('GET', '/runner/agents/:agent/conversation', 'runner', async (asked) =>
    giveConversation((await ownAgent(asked)).agent, asked.request),
  ),
  route('GET', '/runner/agents/:agent/items', 'runner', async (asked) => {
    const { agent } = await ownAgent(asked);
    const query = parseAs(ItemsQuery, Object.fromEntries(new URL(asked.request.url).searchParams));
    return answer(await agent.items(query.before ?? null, query.limit));
  }),
  ...['/llm/openai', '/llm/openai/v1'].flatMap((base) => [
    route('POST', `${base}/chat/completions`, 'agent', modelCall('chat')),
    route('POST', `${base}/responses`, 'agent', modelCall('responses')),
    route('GET', `${base}/models`, 'agent', modelList),
  ]),
  ...['/llm/anthropic', '/llm/anthropic/v1'].map((base) => route('POST', `${base}/messages`, 'agent', modelCall('messages'))),
  route('POST', '/host/sign-in-link', 'host', async ({ request, env }) => {
    await requireHost(request, env);
    return signInLink(env);
  }),
  route('POST', '/host/boot', 'host', async ({ request, env }) => {
    await requireHost(request, env);
    return boot(env);
  }),
  route('POST', '/host/wake', 'host', async ({ request, env }) => {
    await requireHost(request, env);
    return wakeAll(env);
  }),
  route('GET', '/host/towns', 'host', async ({ request, env }) => {
    await requireHost(request, env);
    return answer((await activeTowns(env.DB)).map(({ id, name, createdAt }): TownInfo => ({ id, name, createdAt })));
  }),
  route('GET', '/host/towns/:town/rigs', 'host', async ({ request, env, param }) => {
    const { id } = await hostTown(request, env, param('town'));
    return answer(await townObject(env, id).rigs());
  }),
  route('POST', '/host/towns/:town/import', 'host', async ({ request, env, param }) => {
    const { id, actor } = await hostTown(request, env, param('town'));
    return importInto(request, env, id, actor, await rigQuery(request, env, id));
  }),
  route('GET', '/host/towns/:town/bad-lines', 'host', async ({ request, env, param }) => {
    const { id } = await hostTown(request, env, param('town'));
    return badLinesOf(env, id, await rigQuery(request, env, id));
  }),
  route('POST', '/host/towns/:town/bad-lines/discard', 'host', async ({ request, env, param }) => {
    const { id, actor } = await hostTown(request, env, param('town'));
    return discardBadLines(env, id, actor, await rigQuery(request, env, id));
  }),
  route('POST', '/host/towns/:town/start', 'host', async ({ request, env, param }) => {
    const { id, actor } = await hostTown(request, env, param('town'));
    return startPlanned(env, id, actor, await rigQuery(request, env, id));
  }),
  route('GET', '/host/towns/:town/export', 'host', async ({ request, env, param }) => {
    const { id } = await hostTown(request, env, param('town'));
    return exportFrom(request, env, id, await rigQuery(request, env, id));
  }),
  route('GET', '/host/towns/:town/ready', 'host', async ({ request, env, param }) =>
    readyOf(request, env, (await hostTown(request, env, param('town'))).id),
  ),
  route('GET', '/host/towns/:town/beads', 'host', async ({ request, env, param }) => {
    const { id } = await hostTown(request, env, param('town'));
    return beadsOf(request, env, id, await rigQuery(request, env, id));
  }),
  route('GET', '/host/towns/:town/beads/:bead', 'host', async ({ request, env, param }) =>
    beadOf(env, (await hostTown(request, env, param('town'))).id, param('bead')),
  ),
  route('GET', '/host/towns/:town/audit', 'host', async ({ request, env, param }) => {
    const { id } = await hostTown(request, env, param('town'));
    return answerResult(await townObject(env, id).audit());
  }),
  route('GET', '/host/towns/:town/beads/:bead/events', 'host', async ({ request, env, param }) => {
    const { id } = await hostTown(request, env, param('town'));
    return answerResult(await townObject(env, id).timeline(param('bead')));
  }),
  route('POST', '/host/containers/:town/exited', 'host', async ({ request, env, param }) => {
    await requireHost(request, env);
    return containerExited(request, env, param('town'));
  }),
];

/** A town as the launcher names it, and its owner, who sits at this machine. */
async function hostTown(request: Request, env: Env, named: string) {
  await requireHost(request, env);
  const town = await namedTown(env.DB, named);
  return { id: town.id, actor: actorOf({ id: town.ownerId, name: environmentOf(env).owner.name }) };
}

function modelCall(api: ModelApi): Route['handle'] {
  return async ({ request, env, later }) => {
    requireNoBrowser(request);
    return handleModelCall({ request, env, later, api });
  };
}

async function modelList({ request, env }: Asked): Promise<Response> {
  requireNoBrowser(request);
  return listModels(request, env);
}

async function session({ request, env }: Asked): Promise<Response> {
  const user = await requirePerson(request, env);
  const { version, demo, suggestions, sample, agentKinds, providerKeys } = environmentOf(env);
  return answer({ user, version, demo, suggestions, sample, agentKinds, envProviders: Object.keys(providerKeys) });
}

async function command({ request, env, param }: Asked): Promise<Response> {
  const { user, town } = await requireLiveTown(request, env, param('town'));
  const body = await readJson(request);
  requireKnownKind(body);
  const asked = parseAs(CommandRequest, body);
  const { command, secret } = await sealCommand(env.SEAL_KEY, town.id, asked.command);
  const result = await toTown(townObject(env, town.id), {
    key: `api:${user.id}:${asked.key}`,
    actor: actorOf(user),
    command: { kind: 'person', command, secret },
  });
  if (result.ok && command.kind === 'town.rename') await renameTown(env.DB, town.id, command.name);
  return answerResult(result);
}

/** What takes a token's worth away reaches also who uses it at this moment. */
function toTown(town: TownRpc, envelope: Envelope & { command: { kind: 'person' } }): Promise<Result<unknown>> {
  const { command } = envelope.command;
  if (command.kind === 'runner.remove') return town.removeRunner(envelope, command.runnerId);
  return command.kind === 'runner.renew_token' ? town.runnerToken(envelope) : town.command(envelope);
}

/** A new token for a machine, shown to this person and kept nowhere: asked again, it is another, and this one is worthless. */
async function giveRunnerToken(env: Env, townId: string, actor: Actor, runnerId: RunnerId): Promise<Response> {
  const command = { kind: 'person', command: { kind: 'runner.renew_token', runnerId }, secret: null } as const;
  const renewed = await townObject(env, townId).runnerToken({ key: null, actor, command });
  if (!renewed.ok) return answerResult(renewed);
  return answer({ token: await machineToken(env.SEAL_KEY, { townId, ...renewed.value }) } satisfies RunnerToken);
}

const KINDS: ReadonlySet<unknown> = new Set(PersonCommand.options.map((option) => option.shape.kind.value));
const NamedCommand = z.object({ command: z.object({ kind: z.unknown().optional() }) });

function requireKnownKind(body: unknown): void {
  const named = NamedCommand.safeParse(body);
  if (!named.success || KINDS.has(named.data.command.kind)) return;
  const { kind } = named.data.command;
  const said = typeof kind === 'string' ? `command ${JSON.stringify(kind.slice(0, 100))}` : 'command whose kind is no text';
  throw new Refused(failure('unknown_command', `There is no ${said}.`));
}

const ItemsQuery = z.object({
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
const terminalKindOf = (request: Request): TerminalKind =>
  parseAs(z.object({ kind: TerminalKind }), Object.fromEntries(new URL(request.url).searchParams)).kind;
const agentObject = (env: Env, townId: string, agentId: string) => env.AGENT.get(env.AGENT.idFromName(`${townId}/${agentId}`));

/** An agent's stream is opened only for an agent that the town knows. */
async function watchedAgent({ request, env, param }: Asked) {
  const { session, town } = await requireLiveTown(request, env, param('town'));
  const agentId = await knownAgent(env, town.id, param('agent'));
  return { session, place: { townId: town.id, agentId }, agent: agentObject(env, town.id, agentId) };
}

/** What is asked for is read after it is known who asks. */
async function openForWatcher(asked: Asked, who: () => Record<string, string> & { role: string }): Promise<Response> {
  const { session, place } = await watchedAgent(asked);
  return openForPage({ request: asked.request, env: asked.env, session }, place, who());
}

/** A machine writes and reads of the agents that are with it, and of no others. */
async function ownAgent({ request, env, param }: Asked) {
  const { townId, ...holder } = await requireRunner(request, env);
  const agentId = agentIdOf(param('agent'));
  const refused = await townObject(env, townId).letRunnerIn(holder.runnerId, agentId);
  if (refused) throw new Refused(refused);
  return { agent: agentObject(env, townId, agentId), holder };
}

/** A runner's socket to an agent, which is told whose it is. What is asked for is read after it is known who asks. */
async function openOwn(asked: Asked, who: () => Record<string, string> & { role: string }): Promise<Response> {
  const { agent, holder } = await ownAgent(asked);
  return agent.fetch(upgradeFor(asked.request, { ...who(), runner: holder.runnerId, serial: String(holder.serial) }));
}

/** Whoever asks: an agent that the town does not know has no stream, so nothing of it could outlive the town. */
async function knownAgent(env: Env, townId: string, named: string) {
  const agentId = agentIdOf(named);
  if (!(await townObject(env, townId).hasAgent(agentId))) throw new Refused(failure('unknown_agent'));
  return agentId;
}
