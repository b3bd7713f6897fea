import { z } from 'zod';
import { Failure } from '../failures.ts';
import { RigId, RunnerId } from '../ids.ts';
import { time } from './time.ts';

/** `container`: one, always there, cannot be removed. `machine`: somebody's own. */
export const RunnerKind = z.enum(['container', 'machine']);
export type RunnerKind = z.infer<typeof RunnerKind>;

export const RunnerRow = z.object({
  id: RunnerId,
  name: z.string(),
  kind: RunnerKind,
  createdAt: time,
  /** The rigs that it takes; a rig in any such list is pinned: only who lists it takes it. Null: every rig that no runner lists. */
  rigs: z.array(RigId).nullable(),
  /** Most polecats at work there at once; null: as many as the town may have. */
  places: z.number().int().nullable(),
  /** Polecats at work there. */
  busy: z.number().int(),
  /** It takes nothing new. */
  paused: z.boolean(),
  connected: z.boolean(),
  /** Since when it is connected, or is not; null: it never was. */
  linkSince: time.nullable(),
  /** Since when it is ending: what it works on may come to an end, nothing new starts on it (DR-6). Null: it is not. */
  drainingAt: time.nullable(),
  /** Why nothing is given to it though it is connected: it does not answer (`runner_wedged`). */
  failure: Failure.nullable(),
  /** Of the process that holds the link, or held it last: have agents and tests users of their own there? Null: it did not say. */
  isolation: z.enum(['users', 'none']).nullable(),
  /** The agent programs that were found there. */
  agentKinds: z.array(z.string()),
  /** Which token is good: a newer one makes the older worthless. Null: it needs none. */
  tokenSerial: z.number().int().nullable(),
});
export type RunnerRow = z.infer<typeof RunnerRow>;
