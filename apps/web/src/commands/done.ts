import type { PersonCommand } from '@gastown/protocol';

/** What the town adds for whoever wrote to an agent (AG-13). */
export const noteIn = (answer: unknown): string | null =>
  typeof answer === 'object' && answer !== null && 'note' in answer && typeof answer.note === 'string' ? answer.note : null;

/** What to tell when the town said yes: `done`, unless its answer says that all was so already. */
export function tellsDone(command: PersonCommand, answer: unknown, done: string): string {
  const nothing = typeof answer === 'object' && answer !== null && 'changed' in answer && answer.changed === false;
  if (!nothing) return done;
  return command.kind === 'bead.retry' ? 'Nothing of it failed: nothing was to be done' : 'Nothing was to be done';
}

/** An agent that stops in the middle is asked to go on, so that work never just lies there. */
export const INTERRUPTED = 'Interrupted: it goes on by itself; what you write now it reads next';
