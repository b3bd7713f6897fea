import { ImportAnswer, type ImportId, type LinesWanted, type RigId, type RigRow } from '@gastown/protocol';
import { Link } from '@tanstack/react-router';
import { FileUp, TriangleAlert, X } from 'lucide-react';
import { useState, type DragEvent } from 'react';
import { api } from '../../api.ts';
import type { Refusal } from '../../commands/use-command.ts';
import { isLarge, slotsOf } from '../../commands/starts.ts';
import { useStart } from '../../commands/use-start.ts';
import { importWord, size, summary, taken, troubleWith } from '../../importing.ts';
import { useConnection, useRow, useSelect } from '../../replica/hooks.ts';
import { useTownId } from '../../shell/town-id.ts';
import { Section } from '../../ui/Bits.tsx';
import { Button, IconButton, buttonClass } from '../../ui/Button.tsx';
import { Check } from '../../ui/Check.tsx';
import { RefusalNote, Select, TextArea } from '../../ui/Field.tsx';
import { cx } from '../../ui/cx.ts';
import { useUi } from '../../ui-state.ts';
import { BadLines } from './BadLines.tsx';
import { Export } from './Export.tsx';
import { Verdicts } from './Verdicts.tsx';

interface Chosen {
  readonly name: string;
  readonly content: Blob;
}

/** Beads from a file: looked at first, brought in second; the same file twice changes nothing. */
export function Import() {
  const rigs = useSelect(['rigs'], (replica) => [...replica.rows('rigs').values()].filter((rig) => rig.state !== 'removed'));
  return (
    <div className="flex flex-col gap-8">
      {rigs.length === 0 && <p className="text-sm text-muted">Connect a repository first: imported beads are work on one.</p>}
      {rigs.length > 0 && <Bring rigs={rigs} />}
      <BadLines />
      {rigs.length > 0 && <Export rigs={rigs} />}
    </div>
  );
}

function Bring({ rigs }: { rigs: readonly RigRow[] }) {
  const town = useTownId();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [rig, setRig] = useState<RigId>((rigs.find(({ state }) => state === 'ready') ?? rigs[0]!).id);
  const [start, setStart] = useState(false);
  const [answer, setAnswer] = useState<ImportAnswer | null>(null);
  const [pending, setPending] = useState<'look' | 'bring' | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const { replica } = useConnection();
  const ask = useUi((state) => state.askStart);
  const trouble = chosen && troubleWith(chosen.content);
  const forget = () => {
    setAnswer(null);
    setRefusal(null);
  };
  const send = async (dryRun: boolean) => {
    if (!chosen) return;
    setPending(dryRun ? 'look' : 'bring');
    setRefusal(null);
    const got = await api.importBeads(town, { rig, dryRun, start: start && !dryRun }, chosen.content, ImportAnswer);
    setPending(null);
    if (got.ok) setAnswer(got.value);
    else setRefusal({ code: got.failure.code, message: got.failure.message, next: got.next });
  };
  const bring = async () => {
    const { many, where, slots } = { many: answer?.counts.staged ?? 0, where: 'this file', slots: slotsOf(replica, [{ rigId: rig }]) };
    if (!start || !isLarge({ many }) || (await ask({ many, where, slots }))) await send(false);
  };
  const page = (lines: LinesWanted) => api.importBeads(town, { rig, dryRun: true, start: false, lines }, chosen!.content, ImportAnswer);
  return (
    <div className="flex flex-col gap-4">
      <p className="max-w-xl text-sm text-muted">
        Beads JSONL, one bead a line, as <code className="text-xs">bd export</code> writes it. First it is only looked at. Importing the
        same file again changes nothing.
      </p>
      <Source
        chosen={chosen}
        onChoose={(next) => {
          setChosen(next);
          forget();
        }}
      />
      {trouble && <p className="text-sm text-failed">{trouble}</p>}
      {chosen && !trouble && (
        <div className="flex flex-wrap items-end gap-2">
          <div className="w-48">
            <Select
              label="Into the rig"
              value={rig}
              onChange={(event) => {
                setRig(rigs.find(({ id }) => id === event.target.value)!.id);
                forget();
              }}
            >
              {rigs.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          </div>
          <Button
            kind={answer ? 'plain' : 'primary'}
            pending={pending === 'look'}
            disabled={pending !== null}
            onClick={() => void send(true)}
          >
            {answer ? 'Look again' : 'Look at it'}
          </Button>
        </div>
      )}
      <RefusalNote refusal={refusal} />
      {answer && (
        <div className="fade flex flex-col gap-4">
          <output className="text-base">{summary(answer, start)}</output>
          {answer.dryRun && taken(answer) > 0 && (
            <Decide answer={answer} start={start} onStart={setStart} pending={pending === 'bring'} onImport={() => void bring()} />
          )}
          {!answer.dryRun && taken(answer) > 0 && <Done key={answer.importId} answer={answer} />}
          <Verdicts answer={answer} ask={answer.dryRun ? page : null} />
        </div>
      )}
    </div>
  );
}

/** A file by choosing or dropping it, or pasted lines. */
function Source({ chosen, onChoose }: { chosen: Chosen | null; onChoose: (chosen: Chosen | null) => void }) {
  const [over, setOver] = useState(false);
  const [pasting, setPasting] = useState(false);
  const [text, setText] = useState('');
  const take = (file: File | undefined) => {
    if (file) onChoose({ name: file.name, content: file });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  if (chosen)
    return (
      <p className="flex min-h-10 max-w-xl items-center gap-2 rounded-lg border border-line px-3 text-sm">
        <FileUp size={15} className="shrink-0 text-faint" aria-hidden />
        <span className="min-w-0 truncate font-medium">{chosen.name}</span>
        <span className="shrink-0 text-faint">{size(chosen.content.size)}</span>
        <span className="flex-1" />
        <IconButton label="Choose another file" className="!size-7" onClick={() => onChoose(null)}>
          <X size={14} />
        </IconButton>
      </p>
    );
  if (pasting)
    return (
      <form
        className="flex max-w-xl flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          onChoose({ name: 'Pasted lines', content: new Blob([text]) });
        }}
      >
        <TextArea
          label="Lines of beads JSONL"
          rows={8}
          className="font-mono !text-xs"
          value={text}
          onChange={(event) => setText(event.target.value)}
          spellCheck={false}
          required
        />
        <div className="flex gap-2">
          <Button kind="primary" type="submit" disabled={text.trim() === ''}>
            Use these lines
          </Button>
          <Button kind="quiet" onClick={() => setPasting(false)}>
            Choose a file instead
          </Button>
        </div>
      </form>
    );
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- dropping is an extra way; the button inside is the one for every hand
    <section
      aria-label="File to import"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={cx(
        'flex max-w-xl flex-col items-center gap-3 rounded-lg border border-dashed px-4 py-8 transition-colors duration-100',
        over ? 'border-focus bg-hover' : 'border-line-strong',
      )}
    >
      <div className="flex flex-wrap justify-center gap-2">
        <label className={cx(buttonClass('primary'), 'cursor-pointer focus-within:outline-2 focus-within:outline-focus')}>
          <FileUp size={15} aria-hidden />
          Choose a file
          <input
            type="file"
            accept=".jsonl,.ndjson,.json,.txt,application/x-ndjson"
            className="sr-only"
            onChange={(event) => take(event.target.files?.[0])}
          />
        </label>
        <Button onClick={() => setPasting(true)}>Paste lines</Button>
      </div>
      <p className="text-xs text-faint">or drop it here</p>
    </section>
  );
}

function Decide({
  answer,
  start,
  onStart,
  pending,
  onImport,
}: {
  answer: ImportAnswer;
  start: boolean;
  onStart: (start: boolean) => void;
  pending: boolean;
  onImport: () => void;
}) {
  return (
    <div className="flex max-w-xl flex-col gap-3">
      <Check
        label="Start at once"
        hint="Off: what is open arrives planned and waits for you. On: agents begin with it as soon as it is here."
        checked={start}
        onChange={onStart}
      />
      {start && (
        <p role="alert" className="flex items-start gap-2 rounded-lg bg-accent-wash px-3 py-2 text-sm text-accent">
          <TriangleAlert size={15} className="mt-0.5 shrink-0" aria-hidden />
          Work on what is ready begins in this moment, and it costs money. Put a limit on it first in Settings › Spend.
        </p>
      )}
      <Button kind={start ? 'accent' : 'primary'} pending={pending} className="self-start" onClick={onImport}>
        {importWord(answer, start)}
      </Button>
    </div>
  );
}

function Done({ answer }: { answer: ImportAnswer }) {
  const town = useTownId();
  const { start, pending, refusal } = useStart({ quiet: true });
  const [started, setStarted] = useState(false);
  const { replica } = useConnection();
  const { importId, counts } = answer;
  const rig = useRow('rigs', answer.rigId);
  const letGo = async (id: ImportId) => {
    const large = { many: counts.staged, where: 'this import', slots: slotsOf(replica, [{ rigId: answer.rigId }]) };
    setStarted(await start({ kind: 'bead.start', importId: id }, 'Started', large));
  };
  return (
    <Section title="Next" className="max-w-xl">
      <div className="flex flex-wrap gap-2">
        {importId && counts.staged > 0 && !started && (
          <Button kind="accent" pending={pending} onClick={() => void letGo(importId)}>
            Start all {counts.staged.toLocaleString('en')}
          </Button>
        )}
        <Link to="/t/$town/board" params={{ town }} search={{ rig: answer.rigId }} className={buttonClass()}>
          The board of {rig?.name ?? 'this repository'}
        </Link>
      </div>
      <RefusalNote refusal={refusal} />
    </Section>
  );
}
