import { methods } from '@agentclientprotocol/sdk';
import { DEFAULT_PERMISSIONS } from '@gastown/protocol';
import type { Connected } from '../agents/acp-session.ts';
import { AGENT_KINDS } from '../agents/catalogue.ts';
import type { SessionWish } from '../agents/driver.ts';

export const WISH: SessionWish = {
  kind: AGENT_KINDS[0]!,
  cwd: '/',
  role: 'polecat',
  rolePrompt: '',
  toolUrl: 'http://127.0.0.1:1',
  resumeSessionId: null,
  permissions: DEFAULT_PERMISSIONS,
  onUpdate: () => undefined,
};

/** An agent that answers each method by the function of its name, and with nothing else; `cancelled` hears what is never answered. */
export function agentThat(answers: Record<string, () => Promise<unknown>>, cancelled: () => void = () => undefined) {
  const closed: string[] = [];
  const request = (method: string, { sessionId }: { sessionId: string }): Promise<unknown> => {
    if (method === methods.agent.session.close) closed.push(sessionId);
    return (
      answers[method]?.() ?? (method === methods.agent.session.close ? Promise.resolve({}) : Promise.reject(new Error(`no ${method}`)))
    );
  };
  const connected = {
    agent: { request, notify: () => Promise.resolve(cancelled()) },
    closed: new AbortController().signal,
    capabilities: { agentCapabilities: { sessionCapabilities: { close: {}, resume: {} } } },
    listeners: new Map(),
    gone: { first: <T>(one: Promise<T>) => one },
  } as unknown as Connected;
  return { connected, closed };
}
