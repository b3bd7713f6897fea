import type { CreateTown, PersonCommand, TownInfo } from '@gastown/protocol';
import { api, type Answer } from '../api.ts';

/**
 * Sends one intent of a person. The key belongs to the intent: it stays the same over every try, so that a lost answer never does a thing twice (TL-3).
 */
export interface Intent {
  readonly key: string;
  readonly command: PersonCommand;
}

export const intend = (command: PersonCommand): Intent => ({ key: newKey(), command });

function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const WAITS_MS = [300, 900];

type Pause = (ms: number) => Promise<void>;
export const send = (town: string, intent: Intent, pause: Pause = wait): Promise<Answer<unknown>> =>
  untilAnswered(() => api.command(town, intent), pause);
export const sendTown = (wish: CreateTown, pause: Pause = wait): Promise<Answer<TownInfo>> =>
  untilAnswered(() => api.createTown(wish), pause);

async function untilAnswered<T>(ask: () => Promise<Answer<T>>, pause: Pause): Promise<Answer<T>> {
  for (const ms of WAITS_MS) {
    const answer = await ask();
    if (answer.ok || !answer.unanswered) return answer;
    await pause(ms);
  }
  return ask();
}

const wait = (ms: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms);
  });

/** The same wish again after an answer that never came keeps its key; any other wish gets a new one. */
export function sameWish(last: Intent | null, command: PersonCommand): Intent {
  return last && JSON.stringify(last.command) === JSON.stringify(command) ? last : intend(command);
}
export const sameTown = (last: CreateTown | null, name: string): CreateTown => (last?.name === name ? last : { key: newKey(), name });
