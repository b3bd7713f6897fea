import type { ImportAnswer } from '@gastown/protocol';
import { many } from '../terminal/many.ts';
import { plain } from '../terminal/plain.ts';
import { shellWord } from '../terminal/shell-word.ts';
import { lineTexts } from './import-lines.ts';

interface Asked {
  readonly town: string;
  readonly rig: string;
  readonly start?: boolean;
  readonly verbose?: boolean;
}

/** What came of a file: what a person has to do something about first, then what else is not simply taken, and the totals where the prompt comes. */
export function importText(
  { counts, lines, more, dryRun, importId, noBeads }: ImportAnswer,
  { town, rig, start, verbose = false }: Asked,
): string {
  // The answer keeps those that say why before the others: what it left out says something only when all that it kept do.
  const silent = lines.some((line) => line.why === null && line.untaken.length === 0);
  const {
    created,
    updated,
    unchanged,
    older,
    skipped,
    bad,
    edges,
    untakenEdges,
    staged,
    foreign,
    withoutPriority,
    quarantined,
    knownBad,
    mended,
  } = counts;
  return [
    ...lineTexts(lines, verbose),
    ...(more > 0 && !silent ? [`  and ${many(more, 'line')} more`] : []),
    `${dryRun ? 'Would be ' : ''}${created} created, ${updated} updated, ${unchanged} unchanged, ${older} older, ${skipped} skipped, ${bad} bad; ${many(edges, 'dependency', 'dependencies')} taken, ${untakenEdges} not.`,
    ...(withoutPriority > 0
      ? [
          `${many(withoutPriority, 'of them names', 'of them name')} no priority: critical (0), as bd import reads it; "priority":2 in the line makes it medium.`,
        ]
      : []),
    ...(foreign > 0
      ? [
          `${many(foreign, 'of them is', 'of them are')} at work or blocked in the other tool, or in a state that only it knows: held until you start each by hand.`,
        ]
      : []),
    ...(quarantined + knownBad > 0 && !dryRun ? [keptText(counts, town)] : []),
    ...(mended > 0 ? [`${many(mended, 'bad line')} kept before ${dryRun ? 'would go' : 'went'}, mended.`] : []),
    ...(dryRun && !noBeads ? ['Nothing was written. The same without --dry-run does it.'] : []),
    ...(!dryRun && importId !== null && staged > 0 && !start
      ? [
          `${many(staged, 'bead waits', 'beads wait')} for you to start ${staged === 1 ? 'it' : 'them'}: on the page of the rig, or ./gastown beads start --town ${shellWord(plain(town))} --rig ${shellWord(plain(rig))}`,
        ]
      : []),
  ].join('\n');
}

/** Of this file, and with those of other imports: the list has all. */
function keptText({ quarantined, knownBad, unkeptBad, keptBad }: ImportAnswer['counts'], town: string): string {
  const full = unkeptBad > 0 ? `; for ${many(unkeptBad, 'other')} there is no place: let go of some` : '';
  const known = knownBad > 0 ? `${quarantined} new, ${knownBad} known` : `${quarantined} new`;
  return `${many(quarantined + knownBad, 'bad line', 'bad lines')} of this file ${quarantined + knownBad === 1 ? 'is' : 'are'} kept (${known}), ${keptBad} of all imports${full}: ./gastown beads bad-lines --town ${shellWord(plain(town))}`;
}
