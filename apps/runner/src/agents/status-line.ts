import { LIMITS, plainLine } from '@gastown/protocol';

/**
 * Finds what an agent says it is doing: the first-level Markdown headings in its streamed text (AG-16). Only a finished line counts, a heading in a code
 * block does not, and the same one twice is told once.
 */
export interface StatusReader {
  /** The newest heading finished by this piece of text, null when there is none that is new. */
  add(text: string): string | null;
  /** A new message begins. */
  restart(): void;
}

/** Characters of a line without an end that are kept: one may never come. */
const MOST_LINE = 4_096;

export function makeStatusReader(): StatusReader {
  let rest = '';
  let fenced = false;
  let told: string | null = null;
  return {
    add(text) {
      const finished = (rest + text).split('\n');
      rest = (finished.pop() ?? '').slice(0, MOST_LINE);
      let found: string | null = null;
      for (const line of finished) {
        if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
        const heading = fenced ? undefined : /^# +(.+?)\s*#*\s*$/.exec(line)?.[1];
        const seen = heading === undefined ? '' : plainLine(heading);
        if (seen !== '') found = seen.slice(0, LIMITS.statusLineCharacters.value).toWellFormed();
      }
      if (found === null || found === told) return null;
      told = found;
      return found;
    },
    restart() {
      rest = '';
      fenced = false;
    },
  };
}
