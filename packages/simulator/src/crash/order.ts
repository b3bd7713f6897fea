import { seededRandom } from '@gastown/town/testing';

/** In which order what is under way arrives, and what a crash takes with it. */
export interface Order {
  readonly name: string;
  /** Which of `length` things that are under way comes next. */
  next(length: number): number;
  /** Each report and each call of a runner arrives a second time. */
  readonly doubled: boolean;
  /** The runner dies with the shell: what it had not told is never told. */
  readonly takesRunner: boolean;
}

/** Fresh for each run: the same order again from the beginning. */
export const ORDERS: readonly (() => Order)[] = [
  () => ({ name: 'in turn', next: () => 0, doubled: false, takesRunner: false }),
  () => ({ name: 'newest first, told twice', next: (length) => length - 1, doubled: true, takesRunner: false }),
  () => {
    const random = seededRandom(17);
    return { name: 'shuffled, the runner dies too', next: (length) => random.below(length), doubled: false, takesRunner: true };
  },
];
