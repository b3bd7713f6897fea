/** What a benchmark wants of a time or a rate, and whether this run had it: told, never asserted, since a machine that others use is slow. */
export interface Goal {
  readonly goal: string;
  readonly measured: number;
  readonly met: boolean;
}
export const atLeast = (wanted: number, measured: number): Goal => ({ goal: `≥ ${wanted}`, measured, met: measured >= wanted });
export const atMost = (wanted: number, measured: number): Goal => ({ goal: `≤ ${wanted}`, measured, met: measured <= wanted });
