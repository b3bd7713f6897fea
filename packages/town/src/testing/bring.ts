import type { ImportAnswer, LinesWanted, RigId } from '@gastown/protocol';
import { story, type Story } from './ready.ts';

/** Words for stories of beads that come from another tool and go there. */
export const line = (fields: object): string => JSON.stringify(fields);
export const blocks = (from: string, to: string, type = 'blocks', more: object = {}) => ({
  issue_id: from,
  depends_on_id: to,
  type,
  ...more,
});
/** It makes a file one of beads, whatever else is in it. */
export const HEADER = line({ _schema: 1 });
export const bring = (
  one: Story,
  lines: readonly string[],
  wish: { dryRun?: boolean; start?: boolean; rigId?: RigId; lines?: LinesWanted } = {},
): ImportAnswer => one.town.must<ImportAnswer>({ kind: 'beads.import', rigId: one.rigId, text: lines.join('\n'), ...wish });
export const quiet = (): Story => {
  const one = story();
  one.town.must({ kind: 'town.pause' });
  return one;
};
export const exported = (one: Story, all = false): string[] => {
  let text = '';
  for (let after: string | null = ''; after !== null;) {
    const page = one.town.town.exportPage({ rigId: null, all, after }, one.town.now);
    text += page.text;
    after = page.next;
  }
  return text.split('\n').slice(0, -1);
};
export const rowOf = (one: Story, id: string) => one.town.rows().beads.find((bead) => bead.id === id);
export const verdicts = (answer: ImportAnswer) => answer.lines.map(({ line: n, verdict }) => `${n} ${verdict}`);
export const whyOf = (answer: ImportAnswer, n: number) => answer.lines.find((one) => one.line === n)?.why ?? null;
