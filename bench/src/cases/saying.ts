import type { PersonCommand } from '@gastown/protocol';
import type { TestTown } from '@gastown/town/testing';

/** One command as the shell takes it: the command, what is due after it, the next wake. */
export function say(town: TestTown, command: PersonCommand): 1 {
  town.now += 1;
  town.must(command);
  town.take();
  town.town.nextWake();
  return 1;
}
