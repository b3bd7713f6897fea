import { LIMITS, type ImportedLine, type LineFilter, type LinesWanted } from '@gastown/protocol';

/** The lines that the answer to an import lists: never more than a row holds (DM-17), unless somebody who keeps no row of it asks for all. `more`: how many it leaves out, of a page those that come after it. */
export interface Listed {
  readonly lines: ImportedLine[];
  readonly more: number;
}
export const listed = (verdicts: readonly ImportedLine[], wanted: LinesWanted | undefined): Listed =>
  !wanted ? first(verdicts) : wanted.all ? all(verdicts, wanted) : pageOf(verdicts, wanted);

/** Of a line with very many dependencies the first are told, and of all lines together so many. */
const UNTAKEN_SHOWN = 20;
const UNTAKEN_IN_ALL = 1_500;

/** Of many, those that say why are kept first. */
function first(verdicts: readonly ImportedLine[]): Listed {
  const most = LIMITS.importVerdicts.value;
  const speaking = verdicts.filter((one) => one.why !== null || one.untaken.length > 0);
  const kept = new Set(speaking.slice(0, most));
  for (const one of verdicts) if (kept.size < most) kept.add(one);
  let left = UNTAKEN_IN_ALL;
  const lines = verdicts
    .filter((one) => kept.has(one))
    .map((one) => {
      const untaken = one.untaken.slice(0, Math.min(left, UNTAKEN_SHOWN));
      left -= untaken.length;
      return { ...one, untaken };
    });
  return { lines, more: verdicts.length - lines.length };
}

/** As they stand in the file; it ends early where the dependencies of the next line would be too many. */
function pageOf(verdicts: readonly ImportedLine[], { after, only }: LinesWanted): Listed {
  const wanted = verdicts.filter((one) => one.line > after && isOf(one, only));
  const lines: ImportedLine[] = [];
  let left = UNTAKEN_IN_ALL;
  for (const one of wanted.slice(0, LIMITS.importVerdicts.value)) {
    const untaken = one.untaken.slice(0, UNTAKEN_SHOWN);
    if (untaken.length > left) break;
    left -= untaken.length;
    lines.push({ ...one, untaken });
  }
  return { lines, more: wanted.length - lines.length };
}

/** Every line with all that is told of it, as far as one call carries. */
function all(verdicts: readonly ImportedLine[], { after, only }: LinesWanted): Listed {
  const wanted = verdicts.filter((one) => one.line > after && isOf(one, only));
  let left = LIMITS.importAnswerCharacters.value;
  const end = wanted.findIndex((one, place) => {
    left -= charactersOf(one);
    return left < 0 && place > 0;
  });
  const lines = end === -1 ? wanted : wanted.slice(0, end);
  return { lines, more: wanted.length - lines.length };
}
/** As JSON, about: names of fields and signs. */
const SIGNS = 90;
const charactersOf = ({ id, field, why, untaken }: ImportedLine): number =>
  untaken.reduce(
    (sum, edge) => sum + SIGNS / 2 + edge.dependsOn.length + edge.type.length + edge.why.length,
    SIGNS + (id?.length ?? 0) + (field?.length ?? 0) + (why?.length ?? 0),
  );
const isOf = ({ verdict, untaken }: ImportedLine, only: LineFilter | undefined): boolean =>
  only === undefined || (only === 'untaken' ? untaken.length > 0 : verdict === only);
