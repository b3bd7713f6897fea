import { createHash } from 'node:crypto';
import { DEFAULT_PERMISSIONS, failure, ok, refuse } from '@gastown/protocol';
import type { ModelShape, Permissions, Result, RigId } from '@gastown/protocol';
import { apiFor } from './agent-kind.ts';
import type { SessionWish } from './driver.ts';
import type { InstalledAgent } from './installed.ts';
import type { AnyProcess } from './pool-process.ts';

/** Which process a session needs. */
export interface PoolNeed {
  readonly agentKind: string;
  readonly model: string;
  readonly shape: ModelShape;
  /** What the agents of a rig can touch is that rig's. Null: the Mayor's. */
  readonly rigId: RigId | null;
}

export function processFor(installed: readonly InstalledAgent[], need: PoolNeed, { permissions }: SessionWish): Result<AnyProcess> {
  const agent = installed.find(({ kind }) => kind.id === need.agentKind);
  if (agent === undefined) return refuse(failure('agent_unknown', `The agent "${need.agentKind}" is not installed here.`));
  const api = apiFor(agent.kind, need.shape);
  if (api === null) return refuse(failure('agent_model_unfit', `${agent.kind.label} does not speak to models of the ${need.shape} shape.`));
  return ok({ agent, api, model: need.model, rigId: need.rigId, permissions, name: poolName(need, permissions) });
}

/** Same need, same name, in every run of this machine. */
export function poolName({ agentKind, model, shape, rigId }: PoolNeed, permissions: Permissions): string {
  const usual = JSON.stringify(permissions) === JSON.stringify(DEFAULT_PERMISSIONS);
  const parts = [agentKind, model, shape, ...(rigId === null ? [] : [rigId]), ...(usual ? [] : [permissions])];
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
  return `${agentKind.slice(0, 20)}-${digest}`;
}
