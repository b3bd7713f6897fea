import { z } from 'zod';
import { CommandKey } from './commands.ts';
import { Failure } from './failures.ts';
import { TownId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { oneLine } from './text.ts';

/**
 * The HTTP API outside of a town's commands. Every answer is JSON; a refusal is `{ ok: false, failure, next }` with the failure's status.
 *
 * GET    /api/session                         → SessionInfo
 * POST   /api/session/end                     → signs this browser out
 * GET    /sign-in?code=…                      → sets the cookie once, redirects to /
 * GET    /api/towns                           → TownInfo[]
 * POST   /api/towns                           CreateTown → TownInfo
 * DELETE /api/towns/:town                     DeleteTown
 * POST   /api/towns/:town/commands            CommandRequest → the command's value
 * GET    /api/towns/:town/spend?window=1h&by=rig → SpendSeries (spend.ts)
 * POST   /api/towns/:town/import?rig=RIG      beads JSONL → ImportAnswer (exchange.ts)
 * GET    /api/towns/:town/bad-lines           → BadLines (exchange.ts)
 * GET    /api/towns/:town/export              → beads JSONL (exchange.ts)
 * GET    /api/towns/:town/live                WebSocket (sync.ts)
 * GET    /api/towns/:town/agents/:agent/live  WebSocket (stream.ts)
 * GET    /api/towns/:town/agents/:agent/items?before=POS&limit=N → StoredItem[]
 * GET    /api/towns/:town/beads?status=closed&text=WORDS&after=PLACE → BeadsPage (bead-list.ts)
 * GET    /api/towns/:town/beads/:bead        → BeadAnswer (bead-answers.ts)
 * GET    /api/towns/:town/beads/:bead/events?before=EVENT&limit=N → BeadEvents (bead-answers.ts)
 * GET    /api/towns/:town/audit               → AuditReport (audit.ts)
 * POST   /llm/openai/chat/completions, /llm/anthropic/messages   the model door (agents only)
 * POST   /api/towns/:town/runners/:runner/token → RunnerToken: a new one, shown once; the one before is worthless
 * GET    /runner/link, /runner/agents/:agent/stream              WebSockets (runner only)
 * GET    /runner/self                         → RunnerSelf (runner only)
 * GET    /healthz                             → { ok, version }
 */
/** The same key again, of the same person, is the same town (TL-3, I18). */
export const CreateTown = z.object({ key: CommandKey, name: oneLine(LIMITS.nameCharacters.value) });
export type CreateTown = z.infer<typeof CreateTown>;
export const DeleteTown = z.object({ name: z.string() });
export const TownInfo = z.object({ id: TownId, name: z.string(), createdAt: z.number().int() });
export type TownInfo = z.infer<typeof TownInfo>;
export const SessionInfo = z.object({
  user: z.object({ id: z.string(), name: z.string() }),
  version: z.string(),
  demo: z.boolean(),
  /** Providers whose key comes from the environment, and the demo's suggestions for the composer. */
  envProviders: z.array(z.string()),
  suggestions: z.array(z.string()),
  /** `liveView`: the program has a screen of its own that a page can show. */
  agentKinds: z.array(z.object({ id: z.string(), label: z.string(), liveView: z.boolean().default(true) })),
  /** In the demo: the sample repository to connect, with its gate, and the token that `rig.add` passes on. */
  sample: z.object({ name: z.string(), gitUrl: z.string(), gates: z.array(z.string()), token: z.string().optional() }).nullable(),
});
export type SessionInfo = z.infer<typeof SessionInfo>;

/** What a town stored that the keys of this start do not open: rigs by name whose token it is, and the model key. */
export const UnreadableSecrets = z.object({ town: z.string(), rigs: z.array(z.string()), modelKey: z.boolean() });
export type UnreadableSecrets = z.infer<typeof UnreadableSecrets>;
/** `POST /host/boot`: how many towns were told, how many could not be. */
export const BootAnswer = z.object({ towns: z.number().int(), failed: z.number().int(), unreadable: z.array(UnreadableSecrets) });

/** A machine's token: with it the machine is this runner of the town. */
export const RunnerToken = z.object({ token: z.string() });
export type RunnerToken = z.infer<typeof RunnerToken>;
/** Who a machine is to the town whose token it has; `rigs` by name, null: every rig that no runner lists. */
export const RunnerSelf = z.object({
  town: z.object({ id: TownId, name: z.string() }),
  runner: z.object({ id: z.string(), name: z.string() }),
  rigs: z.array(z.string()).nullable(),
  places: z.number().int().nullable(),
  paused: z.boolean(),
});
export type RunnerSelf = z.infer<typeof RunnerSelf>;

export const ApiRefusal = z.object({ ok: z.literal(false), failure: Failure, next: z.string() });
export type ApiRefusal = z.infer<typeof ApiRefusal>;
export const apiOk = <V extends z.ZodType>(value: V) => z.object({ ok: z.literal(true), value });
