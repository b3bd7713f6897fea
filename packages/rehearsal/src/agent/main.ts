/**
 * The rehearsal agent: a coding agent reduced to its loop, spoken to over ACP on standard input and output. It asks the model door, runs a real shell and calls the
 * tools of the town over MCP; it judges nothing. It stands where many agents are needed and a full one would fill the machine.
 */
import { randomUUID } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import { agent, methods, ndJsonStream, PROTOCOL_VERSION, RequestError } from '@agentclientprotocol/sdk';
import type { AgentContext, NewSessionRequest, SessionConfigOption } from '@agentclientprotocol/sdk';
import { newConversation, readConversation } from './conversation-file.ts';
import type { ConversationFile } from './conversation-file.ts';
import { makeSession } from './session.ts';
import type { Session } from './session.ts';
import { readSettings } from './settings.ts';
import { openToolBox } from './tool-box.ts';

interface Open {
  readonly session: Session;
  role: string;
}

const ROLES = ['mayor', 'polecat', 'refinery', 'triage'];
const settings = readSettings(process.env);
const sessions = new Map<string, Open>();

async function open(client: AgentContext, id: string, conversation: ConversationFile, place: NewSessionRequest): Promise<void> {
  const servers = place.mcpServers.flatMap((server) => ('url' in server ? [{ name: server.name, url: server.url }] : []));
  const box = await openToolBox(place.cwd, servers);
  const session = makeSession({
    id,
    settings,
    conversation,
    box,
    role: () => sessions.get(id)?.role ?? ROLES[0]!,
    tell: (update) => client.notify(methods.client.session.update, { sessionId: id, update }),
  });
  sessions.set(id, { session, role: ROLES[0]! });
}

function found(id: string): Open {
  const one = sessions.get(id);
  if (one === undefined) throw RequestError.invalidParams({ sessionId: id }, 'There is no such session.');
  return one;
}

const optionsOf = ({ role }: Open): SessionConfigOption[] => [
  { id: 'mode', name: 'Role', type: 'select', currentValue: role, options: ROLES.map((value) => ({ value, name: value })) },
  { id: 'model', name: 'Model', type: 'select', currentValue: settings.model, options: [{ value: settings.model, name: settings.model }] },
];

const spoken = (blocks: readonly { type: string; text?: string }[]): string => blocks.map(({ text }) => text ?? '').join('\n');

const connection = agent({ name: 'rehearsal-agent' })
  .onRequest(methods.agent.initialize, () => ({
    protocolVersion: PROTOCOL_VERSION,
    agentInfo: { name: 'rehearsal-agent', version: '1' },
    agentCapabilities: { mcpCapabilities: { http: true }, sessionCapabilities: { resume: {}, close: {} } },
  }))
  .onRequest(methods.agent.session.new, async ({ params, client }) => {
    const sessionId = randomUUID();
    await open(client, sessionId, newConversation(settings.folder, sessionId), params);
    return { sessionId, configOptions: optionsOf(found(sessionId)) };
  })
  .onRequest(methods.agent.session.resume, async ({ params, client }) => {
    const conversation = readConversation(settings.folder, params.sessionId);
    if (conversation === null) throw RequestError.invalidParams({ sessionId: params.sessionId }, 'There is no such session.');
    await open(client, params.sessionId, conversation, { ...params, mcpServers: params.mcpServers ?? [] });
    return { configOptions: optionsOf(found(params.sessionId)) };
  })
  .onRequest(methods.agent.session.setConfigOption, ({ params }) => {
    const one = found(params.sessionId);
    if (params.configId === 'mode' && typeof params.value === 'string') one.role = params.value;
    return { configOptions: optionsOf(one) };
  })
  .onRequest(methods.agent.session.prompt, ({ params }) =>
    found(params.sessionId)
      .session.prompt(spoken(params.prompt))
      .catch((error: unknown) => {
        throw new RequestError(-32603, error instanceof Error ? error.message : String(error));
      }),
  )
  .onNotification(methods.agent.session.cancel, ({ params }) => sessions.get(params.sessionId)?.session.cancel())
  .onRequest(methods.agent.session.close, async ({ params }) => {
    const { session } = found(params.sessionId);
    sessions.delete(params.sessionId);
    await session.close();
    return {};
  })
  .connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>));

await connection.closed;
process.exit(0);
