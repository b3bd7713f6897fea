import { lstatSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { GIT_TOKEN, MODEL_KEY, type House } from './house.ts';
import type { Telling } from './telling.ts';

const SECRETS = { 'the model key': MODEL_KEY, 'the git token': GIT_TOKEN };

/** No key in any agent's environment, file or prompt, and none in the clear anywhere in the state folder (I16, AU-13). Reads them all. */
export function checkSecrets(telling: Telling, house: House): void {
  const agents = house.processes().filter(({ command }) => /bin\/(kilo|opencode)/.test(command));
  telling.check('an agent process is there to be read', agents.length > 0);
  const files = filesUnder(house.state);
  telling.counts['files read for secrets'] = files.length;
  for (const [what, secret] of Object.entries(SECRETS)) {
    telling.check(
      `${what} is in no agent's environment or arguments`,
      !agents.some(({ environment, command }) => environment.includes(secret) || command.includes(secret)),
    );
    const holding = files.filter((file) => holds(file, [secret]));
    telling.check(
      `${what} is in no file of the state folder (${holding.map((file) => path.relative(house.state, file)).join(', ') || 'none'})`,
      holding.length === 0,
    );
    telling.check(
      `${what} is in no prompt`,
      !house.model.requests().some((request) => JSON.stringify(request.conversation).includes(secret)),
    );
  }
  const runners = house.processes().filter(({ command }) => command.includes('apps/runner/'));
  telling.check(
    'the runner has no key in its environment',
    runners.length > 0 && !runners.some(({ environment }) => Object.values(SECRETS).some((secret) => environment.includes(secret))),
  );
}

/** Files of the state folder in which one of these texts stands. */
export const filesHolding = (house: House, texts: readonly string[]): string[] =>
  filesUnder(house.state)
    .filter((file) => holds(file, texts))
    .map((file) => path.relative(house.state, file));

const LARGEST = 268_435_456;
const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => (lstatSync(file, { throwIfNoEntry: false })?.size ?? Infinity) < LARGEST);

/** Agents write beside us: a file that they have renamed or removed meanwhile holds nothing any more. */
function holds(file: string, texts: readonly string[]): boolean {
  try {
    const content = readFileSync(file);
    return texts.some((text) => content.includes(text));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw cause;
  }
}
