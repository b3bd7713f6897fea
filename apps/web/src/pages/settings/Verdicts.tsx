import type { ImportAnswer, ImportedLine, LineFilter, LinesWanted, Verdict } from '@gastown/protocol';
import { CircleX, Equal, History, Minus, Pencil, Plus } from 'lucide-react';
import { useState } from 'react';
import type { Answer } from '../../api.ts';
import { VERDICTS, goOn, linesOf, listingOf, wordOf } from '../../importing.ts';
import { Section } from '../../ui/Bits.tsx';
import { Button } from '../../ui/Button.tsx';
import { RefusalNote } from '../../ui/Field.tsx';
import { ObjectLink } from '../../ui/ObjectLink.tsx';
import { Cell, Table } from '../../ui/Table.tsx';
import { cx } from '../../ui/cx.ts';

const SIGN: Record<Verdict, { icon: typeof Plus; tone: string }> = {
  bad: { icon: CircleX, tone: 'text-failed' },
  created: { icon: Plus, tone: 'text-working' },
  updated: { icon: Pencil, tone: 'text-working' },
  unchanged: { icon: Equal, tone: 'text-faint' },
  older: { icon: History, tone: 'text-faint' },
  skipped: { icon: Minus, tone: 'text-faint' },
};
const PAGE = 200;

/**
 * What became of each line, by verdict. A long file shows its first lines, and on from there: those that are here, then those that the town is asked for.
 * `ask` is null where they cannot be asked for any more: what was brought in is the same now.
 */
export function Verdicts({ answer, ask }: { answer: ImportAnswer; ask: ((lines: LinesWanted) => Promise<Answer<ImportAnswer>>) | null }) {
  const [only, setOnly] = useState<LineFilter | null>(answer.counts.bad > 0 ? 'bad' : null);
  const [shown, setShown] = useState(PAGE);
  const [kept, keep] = useState({ of: answer, listing: listingOf(answer) });
  const listing = kept.of === answer ? kept.listing : listingOf(answer);
  const { lines, left } = linesOf(answer, listing, only);
  const choose = (filter: LineFilter | null) => {
    setOnly(filter);
    setShown(PAGE);
  };
  const { edges, untakenEdges, untakenLines } = answer.counts;
  return (
    <Section title="Lines" count={answer.counts.lines}>
      <fieldset className="relative mb-2 flex flex-wrap gap-1.5">
        <legend className="sr-only">Show lines that are</legend>
        <Filter on={only === null} onClick={() => choose(null)} word="All" count={answer.counts.lines} />
        {VERDICTS.filter(({ verdict }) => answer.counts[verdict] > 0).map(({ verdict, word, says }) => (
          <Filter
            key={verdict}
            on={only === verdict}
            onClick={() => choose(verdict)}
            word={word}
            count={answer.counts[verdict]}
            title={says}
          />
        ))}
        {untakenLines > 0 && (
          <Filter
            on={only === 'untaken'}
            onClick={() => choose('untaken')}
            word="Dependencies not taken"
            count={untakenLines}
            title="lines that were taken, but not all that they depend on"
          />
        )}
      </fieldset>
      {(edges > 0 || untakenEdges > 0) && (
        <p className="mb-2 text-xs text-muted">
          {edges.toLocaleString('en')} {edges === 1 ? 'dependency' : 'dependencies'} taken
          {untakenEdges > 0 && `, ${untakenEdges.toLocaleString('en')} not taken: their lines say why, and keep them for the export`}.
        </p>
      )}
      <Table
        label="Lines of the file"
        className="max-h-[60vh] border-y border-line"
        head={[{ name: 'Line', right: true }, { name: 'Verdict' }, { name: 'Bead', hide: true }, { name: 'Why' }]}
      >
        {lines.slice(0, shown).map((line) => (
          <Line key={line.line} line={line} isHere={isHere(line, answer.dryRun)} />
        ))}
      </Table>
      {lines.length > shown ? (
        <button type="button" onClick={() => setShown(shown + PAGE)} className="mt-2 h-8 text-xs text-muted hover:text-fg">
          Show {Math.min(PAGE, lines.length - shown)} more of {(lines.length + left).toLocaleString('en')}
        </button>
      ) : (
        left > 0 && (
          <Rest
            key={only}
            listed={lines.length}
            left={left}
            onMore={
              ask &&
              (async () => {
                const got = await goOn(listing, only, ask);
                if (!got.ok) return got;
                keep({ of: answer, listing: got.value });
                setShown(shown + PAGE);
                return null;
              })
            }
          />
        )
      )}
    </Section>
  );
}

type Refused = Extract<Answer<unknown>, { ok: false }>;
/** What is counted and not here: the file is looked at once more for it. */
function Rest({ listed, left, onMore }: { listed: number; left: number; onMore: (() => Promise<Refused | null>) | null }) {
  const [pending, setPending] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  if (!onMore)
    return (
      <p className="mt-2 text-xs text-faint">
        {left.toLocaleString('en')} more lines are counted above and not listed: a look at a file before its import lists every line.
      </p>
    );
  const more = async () => {
    setPending(true);
    setRefused(await onMore());
    setPending(false);
  };
  return (
    <div className="mt-2 flex flex-col items-start gap-2">
      <p className="flex items-center gap-3 text-xs text-muted">
        {listed.toLocaleString('en')} of {(listed + left).toLocaleString('en')} are listed.
        <Button small pending={pending} onClick={() => void more()}>
          Show more
        </Button>
      </p>
      <RefusalNote refusal={refused && { code: refused.failure.code, message: refused.failure.message, next: refused.next }} />
    </div>
  );
}

function Filter({ on, onClick, word, count, title }: { on: boolean; onClick: () => void; word: string; count: number; title?: string }) {
  return (
    <button
      type="button"
      aria-pressed={on}
      title={title}
      onClick={onClick}
      className="inline-flex h-7 items-center gap-1.5 rounded-full border border-line-strong px-2.5 text-xs text-muted hover:bg-hover hover:text-fg aria-pressed:border-transparent aria-pressed:bg-ink aria-pressed:text-on-ink"
    >
      {word} <span className="tnum">{count.toLocaleString('en')}</span>
    </button>
  );
}

/** Whether the town has the bead of a line; a look has brought none. */
const isHere = ({ id, verdict }: ImportedLine, dryRun: boolean): boolean =>
  id !== null && (verdict === 'created' ? !dryRun : ['updated', 'unchanged', 'older'].includes(verdict));

function Line({ line, isHere }: { line: ImportedLine; isHere: boolean }) {
  const { icon: Icon, tone } = SIGN[line.verdict];
  const name =
    line.id !== null && isHere ? (
      <ObjectLink
        at={{ kind: 'bead', id: line.id }}
        className="underline decoration-line-strong underline-offset-3 hover:decoration-current"
      >
        {line.id}
      </ObjectLink>
    ) : (
      (line.id ?? '—')
    );
  return (
    <tr className="border-b border-line last:border-0">
      <Cell right className="w-14 text-faint">
        {line.line}
      </Cell>
      <Cell className={cx('whitespace-nowrap', tone)}>
        <Icon size={13} className="mr-1.5 inline -translate-y-px" aria-hidden />
        {wordOf(line.verdict)}
      </Cell>
      <Cell hide className="max-w-44 truncate">
        <code className="text-xs" title={line.id ?? undefined}>
          {name}
        </code>
      </Cell>
      <Cell className="w-full text-muted [overflow-wrap:anywhere] sm:min-w-52">
        {line.id && <code className="block text-xs sm:hidden">{name}</code>}
        {line.field && <code className="text-xs">{line.field} </code>}
        {line.why}
        {line.untaken.map((edge) => (
          <span key={`${edge.dependsOn}-${edge.type}`} className="block text-xs">
            {edge.type} <code>{edge.dependsOn}</code>: {edge.why}
          </span>
        ))}
      </Cell>
    </tr>
  );
}
