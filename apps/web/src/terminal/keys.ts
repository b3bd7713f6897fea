/**
 * What some chords mean in a terminal, before it sees them. `leave` takes the focus out of it, by the one chord that programs in it cannot have; `browser` leaves the
 * chord to the browser: it copies or pastes. Null: the terminal's own.
 */
export type Chord = { readonly send: string } | 'leave' | 'copy' | 'browser' | null;

interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** What Shift+Enter sends until the terminal speaks the Kitty protocol itself (WS-11). */
const SHIFT_ENTER = '\x1b[13;2u';

export function chordOf({ key, ctrlKey, shiftKey, altKey, metaKey }: Key): Chord {
  if (altKey || metaKey) return null;
  if (key === 'Enter' && shiftKey) return ctrlKey ? 'leave' : { send: SHIFT_ENTER };
  if (!ctrlKey) return key === 'Insert' && shiftKey ? 'browser' : null;
  const letter = key.toLowerCase();
  if (letter === 'v') return 'browser';
  return letter === 'c' && shiftKey ? 'copy' : null;
}
