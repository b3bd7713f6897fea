import { failure, refuse } from '@gastown/protocol';
import type { Remotes } from '@gastown/runner/testing';
import type { Dice } from '../chaos/dice.ts';
import type { Counts } from './counts.ts';

/** Chance of what goes wrong; none in the calm. */
export class Trouble {
  readonly dice: Dice;
  readonly counts: Counts;
  over = false;
  /** The runner ended between two commands of git: nobody is told what it did. */
  dead = false;

  constructor(dice: Dice, counts: Counts) {
    this.dice = dice;
    this.counts = counts;
  }

  strikes(share: number): boolean {
    return !this.over && this.dice.next() < share;
  }

  mayKill(): void {
    if (!this.strikes(0.02)) return;
    this.dead = true;
    throw new Error('killed');
  }
}

/** What lies between the runner and the repository: a command of git that talks to it may not arrive, may not be answered, may come just after a push of somebody else's. */
export function troubled(remotes: Remotes, trouble: Trouble, somebodyPushes: () => Promise<void>): Remotes {
  const unreachable = failure('repository_unreachable', 'The connection was cut.');
  return {
    ...remotes,
    async run(...call) {
      if (trouble.strikes(0.04)) {
        trouble.counts.refused += 1;
        return refuse(unreachable);
      }
      trouble.mayKill();
      if (trouble.strikes(0.05)) {
        trouble.counts.movedBetween += 1;
        await somebodyPushes();
      }
      const output = await remotes.run(...call);
      trouble.mayKill();
      if (!trouble.strikes(0.04)) return output;
      trouble.counts.unanswered += 1;
      return refuse(unreachable);
    },
  };
}
