import type { PersonCommand } from '@gastown/protocol';
import type { SealedSecret } from '@gastown/town';
import { Broken } from '../world/world.ts';

/** What the people of a run keep secret: each is known again wherever it stands, sealed or not (I16). */
export const GOOD_TOKEN = 'secret-token-good';
export const OTHER_TOKEN = 'secret-token-other';
export const MODEL_KEY = 'secret-key-good';

/** The simulator's seal is a word before the text, so that what was sealed and what was not is found by one look. */
export function secretOf(command: PersonCommand): SealedSecret | null {
  const secret = 'token' in command ? command.token : 'key' in command ? command.key : null;
  return typeof secret === 'string' ? { sealed: `sealed:${secret}`, hint: secret.slice(-4) } : null;
}

const SECRET = /sealed:|secret-(?:token|key)-/;
const AROUND = 60;
/** I16: neither the one nor the other is in what leaves the town, nor in what it writes down for people. */
export function mustHideSecrets(where: string, what: unknown): void {
  const text = typeof what === 'string' ? what : JSON.stringify(what);
  const found = SECRET.exec(text);
  if (found) throw new Broken('I16', `a secret is in ${where}: …${text.slice(Math.max(0, found.index - AROUND), found.index + AROUND)}…`);
}
