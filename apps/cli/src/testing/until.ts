import { setTimeout as delay } from 'node:timers/promises';

/** Looks until it sees something: for processes and files of the system, whose changes are no events. Fails with what was wanted. */
export async function until<T>(what: string, look: () => T | Promise<T>, withinMs = 15_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what}`);
    await delay(10);
  }
}
