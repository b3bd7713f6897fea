import { z } from 'zod';

/** What the rehearsal agent is told by its environment. */
const Environment = z.object({
  /** Base address of the model door, e.g. `http://127.0.0.1:4400/llm/openai`. */
  REHEARSAL_DOOR: z.url({ protocol: /^https?$/ }),
  REHEARSAL_KEY: z.string().min(1),
  REHEARSAL_MODEL: z.string().min(1),
  XDG_DATA_HOME: z.string().startsWith('/'),
});

export interface Settings {
  readonly door: string;
  readonly key: string;
  readonly model: string;
  /** Where sessions are stored, one file each. */
  readonly folder: string;
}

export function readSettings(environment: Record<string, string | undefined>): Settings {
  const { REHEARSAL_DOOR, REHEARSAL_KEY, REHEARSAL_MODEL, XDG_DATA_HOME } = Environment.parse(environment);
  return { door: REHEARSAL_DOOR, key: REHEARSAL_KEY, model: REHEARSAL_MODEL, folder: `${XDG_DATA_HOME}/rehearsal` };
}
