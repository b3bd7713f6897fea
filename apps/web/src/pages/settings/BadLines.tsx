import { BadLines as Page, type BadLine, type ImportId } from '@gastown/protocol';
import { useQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import { useEffect } from 'react';
import { api, orThrow, Refused } from '../../api.ts';
import { onBadLines } from '../../bad-lines.ts';
import { useCommand } from '../../commands/use-command.ts';
import { useConnection, useRow } from '../../replica/hooks.ts';
import { useTownId } from '../../shell/town-id.ts';
import { At, Section } from '../../ui/Bits.tsx';
import { Button } from '../../ui/Button.tsx';
import { ConfirmButton } from '../../ui/Confirm.tsx';

/** What imports could not take, by import, until it comes mended or is let go. */
export function BadLines() {
  const town = useTownId();
  const connection = useConnection();
  const kept = useQuery({ queryKey: ['bad-lines', town], queryFn: () => allOf(town), staleTime: 0 });
  const { refetch } = kept;
  useEffect(() => onBadLines(connection, () => void refetch()), [connection, refetch]);
  const lines = kept.data ?? [];
  if (lines.length === 0 && kept.error === null) return null;
  return (
    <Section title="Lines not taken" {...(kept.data && { count: lines.length })}>
      {kept.error && <Unread error={kept.error} again={() => void refetch()} busy={kept.isFetching} />}
      {lines.length > 0 && (
        <p className="mb-2 max-w-xl text-sm text-muted">
          Mend them in the file and import it again: a line whose bead can be taken then leaves. What is left, let go.
        </p>
      )}
      <ul className="flex flex-col gap-4">
        {[...Map.groupBy(lines, ({ importId }) => importId)].map(([importId, own]) => (
          <OneImport key={importId} importId={importId} lines={own} />
        ))}
      </ul>
    </Section>
  );
}
function Unread({ error, again, busy }: { error: Error; again: () => void; busy: boolean }) {
  return (
    <div role="alert" className="mb-2 flex flex-wrap items-center gap-3 text-sm">
      <p className="min-w-52 flex-1 text-failed">
        They could not be read: {error.message} {error instanceof Refused && error.answer.next}
      </p>
      <Button small pending={busy} onClick={again}>
        Try again
      </Button>
    </div>
  );
}
async function allOf(town: string): Promise<BadLine[]> {
  const lines: BadLine[] = [];
  for (let after: number | null = 0; after !== null;) {
    const page: Page = await orThrow(api.badLines(town, after, Page));
    lines.push(...page.lines);
    after = page.next;
  }
  return lines;
}

function OneImport({ importId, lines }: { importId: ImportId; lines: readonly BadLine[] }) {
  const rig = useRow('rigs', lines[0]!.rigId);
  const { run, pending } = useCommand();
  return (
    <li>
      <div className="flex flex-wrap items-center gap-3 text-sm">
        <span className="min-w-52 flex-1 text-muted">
          <At at={lines[0]!.at} className="!text-muted" /> into {rig?.name ?? lines[0]!.rigId} · <code className="text-xs">{importId}</code>
        </span>
        <ConfirmButton
          small
          disabled={pending}
          sure={lines.length === 1 ? 'Let it go?' : `Let all ${lines.length} go?`}
          onConfirm={() => void run({ kind: 'import.discard', importId }, 'Let go')}
        >
          {lines.length === 1 ? 'Let go' : 'Let all go'}
        </ConfirmButton>
      </div>
      <ul className="mt-1 divide-y divide-line border-y border-line">
        {lines.map((line) => (
          <OneLine key={line.seq} line={line} alone={lines.length === 1} />
        ))}
      </ul>
    </li>
  );
}

function OneLine({ line, alone }: { line: BadLine; alone: boolean }) {
  const { run, pending } = useCommand();
  return (
    <li className="flex flex-wrap items-start gap-3 py-2 text-sm">
      <details className="group min-w-52 flex-1">
        <summary title="What it says">
          <span className="inline-flex items-center gap-1">
            <ChevronRight size={13} aria-hidden className="shrink-0 text-faint transition-transform duration-100 group-open:rotate-90" />
            Line {line.line}
          </span>
          {line.id !== null && (
            <>
              {' '}
              <code className="text-xs">{line.id}</code>
            </>
          )}
          <span className="block pl-[17px] text-failed [overflow-wrap:anywhere]">
            {line.field !== 'line' && <code className="text-xs">{line.field} </code>}
            {line.why}
          </span>
        </summary>
        <pre className="mt-2 ml-[17px] max-h-64 overflow-auto whitespace-pre-wrap break-all text-xs text-muted">
          {line.text}
          {line.cut && '… (the file has more)'}
        </pre>
      </details>
      {!alone && (
        <ConfirmButton
          small
          disabled={pending}
          sure="Let it go?"
          onConfirm={() => void run({ kind: 'import.discard', importId: line.importId, lines: [line.line] }, 'Let go')}
        >
          Let go
        </ConfirmButton>
      )}
    </li>
  );
}
