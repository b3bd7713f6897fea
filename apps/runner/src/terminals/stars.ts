import type { Patience, SecretBytes } from '../system/secret-bytes.ts';

/**
 * Stars in the output of a program where it has a secret, also one that comes in pieces (I16). As many as it has bytes: programs count the columns of what they wrote. Only what may begin a secret waits, so a key that comes
 * back does not, nor is a sequence or a character cut that the program had not cut.
 */
export interface Stars {
  add(bytes: Uint8Array): void;
  /** Nothing comes any more. */
  end(): void;
}

export interface StarsWish {
  /** Those that are known now. */
  readonly secrets: () => SecretBytes;
  readonly pass: (bytes: Uint8Array) => void;
  /** How long little of a secret waits for the rest; a good part of it waits until something comes. */
  readonly heldMs?: number | undefined;
}

/** Of what a person types into a line, less than is noticed. */
const HELD_MS = 50;
const STAR = 0x2a;
const NOTHING = new Uint8Array();

export function makeStars({ secrets, pass, heldMs = HELD_MS }: StarsWish): Stars {
  /** The end of what came, as far as it may begin a secret, and how much of that was passed on: it would be told to be one too late. */
  let tail: Uint8Array = NOTHING;
  let passed = 0;
  let timer: NodeJS.Timeout | undefined;
  const work = (more: Uint8Array, patience: Patience): void => {
    clearTimeout(timer);
    const bytes = tail.length === 0 ? more : Buffer.concat([tail, more]);
    const { spans, waits, begins } = secrets().look(bytes, patience);
    const sure = spans.filter(([from]) => from < waits);
    const to = Math.max(passed, waits, sure.at(-1)?.[1] ?? 0);
    if (to > passed) {
      const clean = sure.length === 0 ? bytes : Uint8Array.from(bytes);
      for (const [from, end] of sure) clean.fill(STAR, from, end);
      pass(clean.subarray(passed, to));
    }
    tail = Uint8Array.from(bytes.subarray(begins));
    passed = to - begins;
    if (to < bytes.length && patience === 'all') timer = setTimeout(() => work(NOTHING, 'much'), heldMs);
  };
  return {
    add: (bytes) => work(bytes, 'all'),
    end: () => work(NOTHING, 'none'),
  };
}
