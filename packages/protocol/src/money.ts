import type { SpendLevel } from './states.ts';

/** Money is micros of a dollar; small sums keep enough digits to be true. */
export function money(micros: number): string {
  const dollars = micros / 1_000_000;
  if (micros === 0) return '$0.00';
  if (micros < 100) return `$${dollars.toFixed(6)}`;
  return dollars < 0.1 ? `$${dollars.toFixed(4)}` : `$${dollars.toFixed(2)}`;
}

/** What was spent on something, and what may be. */
export interface LimitFigures {
  readonly spentMicros: number;
  readonly softMicros: number | null;
  readonly hardMicros: number | null;
}

/** The name of a level's limit: `rig:rig-1a2b3c4d`, `bead:*` for each bead. */
export const limitRef = (level: SpendLevel, id: string): string => `${level}:${id}`;
