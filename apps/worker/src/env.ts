import { ModelConfig, Provider, SessionInfo } from '@gastown/protocol';
import { z } from 'zod';
import type { AgentRpc } from './agent/rpc.ts';
import type { ContainerRpc } from './container/rpc.ts';
import type { TownRpc } from './town/rpc.ts';

/** A Durable Object namespace as this Worker uses it: by name, with the methods of `T` and `fetch` for sockets. */
interface Objects<T> {
  idFromName(name: string): DurableObjectId;
  get(id: DurableObjectId): T & { fetch(request: Request): Promise<Response> };
}

/** Bindings (design/contracts.md, worker). Secrets: SEAL_KEY, HOST_KEY, and the provider keys inside ENVIRONMENT. */
export interface Env {
  readonly TOWN: Objects<TownRpc>;
  readonly AGENT: Objects<AgentRpc>;
  readonly CONTAINER: Objects<ContainerRpc>;
  readonly DB: D1Database;
  readonly ASSETS: { fetch(request: Request): Promise<Response> };
  readonly SEAL_KEY: string;
  readonly HOST_KEY: string;
  readonly HOST_URL: string;
  readonly PUBLIC_URL: string;
  readonly ALLOWED_HOSTS: string;
  readonly ENVIRONMENT: string;
}

/** What the launcher (or the deployment) offers every town. `owner` names the local owner and the default git author. */
export const Environment = z.object({
  version: z.string(),
  demo: z.boolean().default(false),
  suggestions: SessionInfo.shape.suggestions.default([]),
  sample: SessionInfo.shape.sample.default(null),
  providerKeys: z.partialRecord(Provider, z.string().min(1)).default({}),
  defaultModel: ModelConfig.nullable().default(null),
  agentKinds: SessionInfo.shape.agentKinds.min(1).default([{ id: 'kilo', label: 'Kilo CLI', liveView: true }]),
  owner: z.object({ name: z.string().min(1), email: z.string().min(1) }).default({ name: 'Owner', email: 'owner@gastown.invalid' }),
});
export type Environment = z.infer<typeof Environment>;

let parsed: { text: string; value: Environment } | null = null;
export function environmentOf(env: Pick<Env, 'ENVIRONMENT'>): Environment {
  if (parsed?.text !== env.ENVIRONMENT) parsed = { text: env.ENVIRONMENT, value: Environment.parse(JSON.parse(env.ENVIRONMENT)) };
  return parsed.value;
}

/** The part of the environment that a town's core knows: never a key, only that there is one. */
export const modelOffer = ({ defaultModel, providerKeys, demo }: Environment) => ({
  model: defaultModel,
  modelKeyHint: defaultModel && providerKeys[defaultModel.provider] ? 'env' : null,
  scripted: demo,
});
