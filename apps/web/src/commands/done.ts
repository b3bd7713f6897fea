import type { PersonCommand } from '@gastown/protocol';

/** What to tell when the town said yes: `done`, unless its answer says that all was so already. */
export function tellsDone(command: PersonCommand, answer: unknown, done: string): string {
  const nothing = typeof answer === 'object' && answer !== null && 'changed' in answer && answer.changed === false;
  if (!nothing) return done;
  return command.kind === 'bead.retry' ? 'Nothing of it failed: nothing was to be done' : 'Nothing was to be done';
}
