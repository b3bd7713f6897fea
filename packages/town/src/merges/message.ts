import type { Bead } from '../beads/store.ts';
import type { Merge } from './store.ts';

const EXCERPT = 600;
/** A line that looks like a trailer of ours would be read as one: the body cannot forge it. */
const harmless = (body: string): string =>
  body
    .replace(/\r/g, '')
    .replace(/^(bead-id|merge-request|co-authored-by|signed-off-by)\s*:/gim, '$1 -')
    .trim();

/** The message of the squash commit (GT-11): title, what was wanted, where it came from. The runner adds the agent as co-author. */
export function squashMessage(bead: Pick<Bead, 'id' | 'title' | 'body'>, merge: Pick<Merge, 'id'>): string {
  const body = harmless(bead.body);
  const excerpt = body.length > EXCERPT ? `${body.slice(0, EXCERPT).trimEnd()} …` : body;
  const title = bead.title.replace(/\s+/g, ' ').trim();
  return [title, '', ...(excerpt ? [excerpt, ''] : []), `Bead-ID: ${bead.id}`, `Merge-Request: ${merge.id}`, ''].join('\n');
}
