import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ok, type Failure, type ModelConfig, type ModelTrouble, type Result, type RunId, type Usage } from '@gastown/protocol';
import type { Envelope } from '@gastown/town';
import { handleModelCall } from '../src/door/door.ts';
import type { Env } from '../src/env.ts';
import { seal } from '../src/secrets/seal.ts';
import { doorToken } from '../src/secrets/tokens.ts';
import type { Admission } from '../src/town/rpc.ts';

export const TOWN = 'k3v9q0t2m4xa';
const INSTANCE = 'runner-1';
export const KEY = 'sk-the-secret-of-the-town';
const PRICE = { input: 1_000_000, output: 2_000_000, cacheRead: 0, cacheWrite: 0 };
export const runId = 'run-000000000001' as RunId;

interface Seen {
  url: string;
  headers: Record<string, string>;
  body: string;
}
export const seenBy = async (scenario: string): Promise<Seen[]> => (await fetch(`http://provider.test/seen/${scenario}`)).json();

export interface Wish {
  provider?: ModelConfig['provider'];
  pass?: Result<Admission>;
  /** How often booking what was used fails before it works. */
  bookingFails?: number;
  townKey?: string | null;
  headers?: Record<string, string>;
  body?: unknown;
  api?: 'chat' | 'responses' | 'messages';
  signal?: AbortSignal;
  /** The provider has failed the calls of this run for long. */
  lasts?: boolean;
  /** What the town says while the call is under way. */
  refused?: () => Promise<Failure | null>;
  baseUrl?: string | null;
}

/** One call through the door, with a town behind it that says what the test says. `spent` resolves to what was counted. */
export async function call(scenario: string, wish: Wish = {}) {
  const { provider = 'openai', api = 'chat', townKey = KEY, body = { model: 'anything', messages: [] } } = wish;
  const baseUrl = wish.baseUrl === undefined ? `http://provider.test/${scenario}` : wish.baseUrl;
  const model = { provider, model: 'configured-model', baseUrl, price: PRICE };
  const sealedKey = townKey === null ? null : await seal(env.SEAL_KEY, TOWN, 'model-key', townKey);
  const asked: string[] = [];
  const keys: (string | null)[] = [];
  const over: string[] = [];
  const failed: string[] = [];
  const spent: { runId: string; usage: Usage; model: string; worked?: boolean }[] = [];
  const troubles: ModelTrouble[] = [];
  const town = {
    modelPass: async (_instance: string, session: string) => (
      asked.push(session),
      wish.pass ?? ok({ runId, model, sealedKey, rigId: null, budgeted: true, ticket: 'ticket-1' })
    ),
    models: async () => ok([model]),
    modelCallRefused: wish.refused ?? (() => new Promise<never>(() => {})),
    modelCallFailed: async (run: string) => (failed.push(run), wish.lasts ?? false),
    modelCallOver: async (ticket: string) => void over.push(`${ticket} after ${spent.length}`),
    command: async ({ key, command }: Envelope) => {
      keys.push(key);
      if (keys.length <= (wish.bookingFails ?? 0)) throw new Error('the connection was lost');
      if (command.kind === 'spend') spent.push(command);
      if (command.kind === 'model.trouble') troubles.push(command.trouble);
      return ok(null);
    },
  };
  const fake = { ...env, TOWN: { idFromName: () => null, get: () => town } } as unknown as Env;
  const token = await doorToken(env.SEAL_KEY, { townId: TOWN, instance: INSTANCE, pool: 'kilo-1' });
  const request = new Request(`http://town.test/llm/${api}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'x-session-id': 'ses_1', 'content-type': 'application/json', ...wish.headers },
    body: JSON.stringify(body),
    ...(wish.signal && { signal: wish.signal }),
  });
  const context = createExecutionContext();
  const response = await handleModelCall({ request, env: fake, api, later: (work) => context.waitUntil(work) });
  return { response, asked, spent, troubles, keys, over, failed, settled: () => waitOnExecutionContext(context), env: fake, token };
}
