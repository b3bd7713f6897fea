import type { BeadRow } from '@gastown/protocol';

/**
 * What a bead is to others, in the words of its drawer. `blocks`, `conditional-blocks` and `waits-for` say what must come first; `parent-child` says what it
 * is a part of; `tracks` is convoy membership, which the convoy shows; every other word is a note between two beads.
 */
type Side = 'before' | 'after' | 'parent' | 'part' | 'note';
export interface Relation {
  readonly id: string;
  readonly type: string;
  readonly side: Side;
  /** The edge is this bead's own, so it can be removed here. */
  readonly own: boolean;
  readonly words: string;
}

/** The types a person may choose, with what each means. */
export const CHOICES = [
  { type: 'blocks', words: 'after', says: 'It starts when the other bead has landed.' },
  { type: 'conditional-blocks', words: 'after the outcome of', says: 'It starts when the other bead has landed or failed.' },
  { type: 'waits-for', words: 'after the parts of', says: 'It starts when all parts of the other bead are done.' },
  { type: 'parent-child', words: 'part of', says: 'The other bead is its parent: what blocks the parent blocks it too.' },
  { type: 'related', words: 'related to', says: 'A note: nothing waits.' },
  { type: 'discovered-from', words: 'found while at', says: 'A note: nothing waits.' },
] as const;

export const wordsFor = (type: string): string | undefined => CHOICES.find((choice) => choice.type === type)?.words;

const OWN: Record<string, { side: Side; words: string }> = {
  'parent-child': { side: 'parent', words: 'part of' },
  blocks: { side: 'before', words: 'after' },
  'conditional-blocks': { side: 'before', words: 'after the outcome of' },
  'waits-for': { side: 'before', words: 'after the parts of' },
};
const THEIRS: Record<string, { side: Side; words: string }> = {
  'parent-child': { side: 'part', words: 'part' },
  blocks: { side: 'after', words: 'before' },
  'conditional-blocks': { side: 'after', words: 'before, whatever comes of it' },
  'waits-for': { side: 'after', words: 'before, with its parts' },
};
const note = (type: string) => ({
  side: 'note' as const,
  words: wordsFor(type) ?? type.replaceAll('-', ' '),
});

const ORDER: readonly Side[] = ['parent', 'part', 'before', 'after', 'note'];

export function relationsOf(bead: BeadRow, beads: Iterable<BeadRow>): Relation[] {
  const own = bead.dependsOn
    .filter(({ type }) => type !== 'tracks')
    .map(({ id, type }): Relation => ({ id, type, own: true, ...(OWN[type] ?? note(type)) }));
  const theirs: Relation[] = [];
  for (const other of beads)
    for (const { id, type } of other.dependsOn)
      if (id === bead.id && type !== 'tracks')
        theirs.push({ id: other.id, type, own: false, ...(THEIRS[type] ?? { side: 'note', words: `${note(type).words} (from there)` }) });
  return [...own, ...theirs].toSorted((a, b) => ORDER.indexOf(a.side) - ORDER.indexOf(b.side));
}
