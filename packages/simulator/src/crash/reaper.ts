/**
 * Where the shell may die. A run counts every point it passes; a later run of the same story dies at one of them. `within`: between two statements of a transaction,
 * `before` and `after`: the commit, or the performing of an effect.
 */
export type Moment = 'within' | 'before' | 'after';
export interface Point {
  readonly at: 'commit' | 'effect';
  /** The how manieth commit or effect of the story. */
  readonly n: number;
  readonly moment: Moment;
  /** For `within`: the statement after which it dies. */
  readonly statement: number;
  readonly about: string;
}
export const pointName = ({ at, n, moment, about }: Point): string => `${moment} ${at} ${n} (${about})`;

class Died extends Error {}

export class Reaper {
  readonly points: Point[] = [];
  struck = false;
  armed = false;
  #commits = 0;
  #effects = 0;
  #statements = 0;
  readonly #target: Point | null;

  constructor(target: Point | null) {
    this.#target = target;
  }

  begin(): void {
    this.#statements = 0;
  }
  /** A statement has written. */
  wrote(): void {
    this.#statements += 1;
    if (this.struck) return;
    const { armed } = this;
    const target = this.#target;
    if (
      armed &&
      target?.at === 'commit' &&
      target.moment === 'within' &&
      target.n === this.#commits + 1 &&
      target.statement === this.#statements
    )
      this.#strike();
  }
  /** The transaction has written, and is about to be committed. */
  beforeCommit(about: string): void {
    if (!this.armed) return;
    this.#commits += 1;
    if (this.#statements > 1) this.#note('commit', this.#commits, 'within', about, Math.ceil(this.#statements / 2));
    this.#pass('commit', this.#commits, 'before', about);
  }
  afterCommit(about: string): void {
    if (this.armed) this.#pass('commit', this.#commits, 'after', about);
  }
  beforeEffect(about: string): number {
    if (!this.armed) return 0;
    this.#effects += 1;
    const n = this.#effects;
    this.#pass('effect', n, 'before', about);
    return n;
  }
  afterEffect(n: number, about: string): void {
    if (this.armed) this.#pass('effect', n, 'after', about);
  }
  get commits(): number {
    return this.#commits;
  }

  #note(at: Point['at'], n: number, moment: Moment, about: string, statement: number): void {
    if (!this.struck) this.points.push({ at, n, moment, about, statement });
  }
  #pass(at: Point['at'], n: number, moment: Moment, about: string): void {
    this.#note(at, n, moment, about, 0);
    const target = this.#target;
    if (target && !this.struck && target.at === at && target.n === n && target.moment === moment) this.#strike();
  }
  #strike(): void {
    this.struck = true;
    throw new Died('the shell dies here');
  }
}
