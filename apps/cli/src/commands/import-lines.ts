import type { ImportedLine } from '@gastown/protocol';
import { plain } from '../terminal/plain.ts';

/** What is to be said of one line of a file: alone as `text`, or together with others of the same `sort`, which `name` tells apart. */
interface Remark {
  readonly rank: number;
  readonly text: string;
  readonly sort: string;
  readonly name: string;
}
/** So many of a sort are named: all of them, or the first of many. */
const NAMED = 3;

/** Each line that is not simply taken (`each`), or those of which the same is to be said as one line, what a person can mend first. */
export function lineTexts(lines: readonly ImportedLine[], each: boolean): string[] {
  const remarks = lines.flatMap((line) => [...verdictOf(line), ...line.untaken.map((edge) => withoutEdge(line, edge))]);
  if (each) return remarks.map(({ text }) => plain(text));
  const sorts = [...Map.groupBy(remarks, ({ sort }) => sort).values()];
  const ordered = sorts.toSorted(([a], [b]) => (a?.rank ?? 0) - (b?.rank ?? 0));
  const isShort = sorts.every((alike) => alike.length <= NAMED);
  return [...ordered.flatMap(alikeTexts), ...(isShort ? [] : ['  (--verbose lists each of them)'])];
}

const alikeTexts = (alike: readonly Remark[]): string[] =>
  alike.length <= NAMED
    ? alike.map(({ text }) => plain(text))
    : [
        plain(
          `  ${alike.length} ${alike[0]?.sort}: ${alike
            .slice(0, NAMED)
            .map(({ name }) => name)
            .join(', ')}, …`,
        ),
      ];

const RANKS: Partial<Record<ImportedLine['verdict'], number>> = { bad: 0, older: 2, skipped: 3 };
const placeOf = ({ line, id }: ImportedLine): string => `line ${line}${id ? ` ${id}` : ''}`;

function verdictOf(line: ImportedLine): Remark[] {
  if (line.why === null) return [];
  const field = line.field === null || line.field === 'line' ? '' : `${line.field} `;
  const said = `${line.verdict}: ${field}${line.why}`;
  const text = `  ${placeOf(line)}: ${said}`;
  return [{ rank: RANKS[line.verdict] ?? 4, text, sort: inGeneral(said, [[line.id, 'it']]), name: placeOf(line) }];
}

function withoutEdge(line: ImportedLine, { dependsOn, type, why }: ImportedLine['untaken'][number]): Remark {
  const general = inGeneral(why, [
    [dependsOn, 'the other'],
    [line.id, 'the one'],
  ]);
  return {
    rank: 1,
    text: `  line ${line.line} ${line.id}: without ${type} ${dependsOn}: ${why}`,
    sort: `dependencies not taken: ${general}`,
    name: `${placeOf(line)} ${type} ${dependsOn}`,
  };
}

/** The same sentence of different beads: their ids are no part of it. */
const inGeneral = (sentence: string, ids: readonly (readonly [id: string | null, word: string])[]): string =>
  sentence
    .split(' ')
    .map((word) => ids.find(([id]) => id === word)?.[1] ?? word)
    .join(' ');
