import { z } from 'zod';
import { ok, refuse, failure, LIMITS, TownId, wrongFields } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { CEILINGS } from './agents/ceilings.ts';
import type { PoolCeilings } from './agents/ceilings.ts';

/** The runner's whole configuration: its environment, as the container host sets it. */
const Environment = z.object({
  GASTOWN_URL: z.url({ protocol: /^https?$/ }),
  GASTOWN_TOWN: TownId,
  GASTOWN_RUNNER_TOKEN: z.string().min(8),
  GASTOWN_STATE: z.string().startsWith('/', 'must be an absolute path'),
  PATH: z.string().min(1),
  HOME: z.string().min(1),
  LANG: z.string().default('C.UTF-8'),
  /** Whether agents and tests get users of their own; `auto`: where that is possible. */
  GASTOWN_ISOLATION: z.enum(['auto', 'users', 'none']).default('auto'),
  /** Rows of agents beside the catalogue's, or instead of them (JSON). */
  GASTOWN_AGENTS_FILE: z.string().startsWith('/', 'must be an absolute path').optional(),
  /** Where agents were installed that do not come with this program: a folder with `node_modules`. */
  GASTOWN_AGENTS_FOLDER: z.string().startsWith('/', 'must be an absolute path').optional(),
  /** Sessions of agents at once, in the whole runner and in one agent process; memory of one process. */
  GASTOWN_AGENTS_AT_ONCE: z.coerce.number().int().positive().optional(),
  GASTOWN_AGENT_SESSIONS: z.coerce.number().int().positive().optional(),
  GASTOWN_AGENT_BYTES: z.coerce.number().int().positive().optional(),
  /** How long turns may go on after SIGTERM: whoever would wait for that end says how long. */
  GASTOWN_DRAIN_MS: z.coerce.number().int().nonnegative().max(LIMITS.drainMs.value).default(LIMITS.drainMs.value),
  /** Only for tests: how far an agent process may grow after its first turn, whatever the ceiling says. */
  GASTOWN_AGENT_GROWTH: z.coerce.number().nonnegative().optional(),
  /** Only for tests and operators in need: shorter than the public limit. */
  GASTOWN_TURN_SILENCE_MS: z.coerce.number().int().positive().optional(),
});

export interface Options {
  readonly url: string;
  readonly town: string;
  readonly token: string;
  readonly state: string;
  readonly path: string;
  readonly home: string;
  readonly lang: string;
  readonly isolation: 'auto' | 'users' | 'none';
  readonly agentsFile: string | null;
  readonly agentsFolder: string | null;
  readonly ceilings: PoolCeilings;
  readonly drainMs: number;
  readonly turnSilenceMs: number | null;
}

export function readOptions(environment: Record<string, string | undefined>): Result<Options> {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) return refuse(failure('invalid_input', wrongFields(parsed.error)));
  const { data } = parsed;
  return ok({
    url: data.GASTOWN_URL.replace(/\/+$/, ''),
    town: data.GASTOWN_TOWN,
    token: data.GASTOWN_RUNNER_TOKEN,
    state: data.GASTOWN_STATE.replace(/\/+$/, ''),
    path: data.PATH,
    home: data.HOME,
    lang: data.LANG,
    isolation: data.GASTOWN_ISOLATION,
    agentsFile: data.GASTOWN_AGENTS_FILE ?? null,
    agentsFolder: data.GASTOWN_AGENTS_FOLDER ?? null,
    ceilings: {
      ...CEILINGS,
      ...(data.GASTOWN_AGENTS_AT_ONCE !== undefined && { agents: data.GASTOWN_AGENTS_AT_ONCE }),
      ...(data.GASTOWN_AGENT_SESSIONS !== undefined && { sessions: data.GASTOWN_AGENT_SESSIONS }),
      ...(data.GASTOWN_AGENT_BYTES !== undefined && { bytes: data.GASTOWN_AGENT_BYTES }),
      ...(data.GASTOWN_AGENT_GROWTH !== undefined && { growth: data.GASTOWN_AGENT_GROWTH }),
    },
    drainMs: data.GASTOWN_DRAIN_MS,
    turnSilenceMs: data.GASTOWN_TURN_SILENCE_MS ?? null,
  });
}
