import { type BeadRow, LIMITS } from '@gastown/protocol';
import { useState } from 'react';
import { useCommand } from '../../commands/use-command.ts';
import { labelsOf } from '../../making.ts';
import { Button } from '../../ui/Button.tsx';
import { Input, RefusalNote, TextArea } from '../../ui/Field.tsx';
import { TextToCome, useBeadText } from './BeadText.tsx';
import { KindInput } from '../KindInput.tsx';

/** Only with its text at hand, which a save would overwrite; what is being written stays when a frame leaves the text out meanwhile. */
export function EditBead({ bead, onDone }: { bead: BeadRow; onDone: () => void }) {
  const { text, waiting } = useBeadText(bead);
  const [known, setKnown] = useState(text);
  if (known === null && text !== null) setKnown(text);
  return known === null ? <TextToCome {...waiting} /> : <Form bead={bead} text={known} onDone={onDone} />;
}

function Form({ bead, text, onDone }: { bead: BeadRow; text: string; onDone: () => void }) {
  const { run, pending, refusal } = useCommand({ quiet: true });
  const [title, setTitle] = useState(bead.title);
  const [body, setBody] = useState(text);
  const [kind, setKind] = useState(bead.kind);
  const [labels, setLabels] = useState(bead.labels.join(', '));
  const [minutes, setMinutes] = useState(bead.timeoutMs === null ? '' : String(bead.timeoutMs / 60_000));
  const timeoutMs = minutes.trim() === '' ? null : Math.round(Number(minutes) * 60_000);
  const save = async () => {
    const answer = await run(
      {
        kind: 'bead.update',
        beadId: bead.id,
        ...(title !== bead.title && { title }),
        ...(body !== text && { body }),
        ...(kind !== bead.kind && { workKind: kind }),
        ...(labels !== bead.labels.join(', ') && { labels: labelsOf(labels) }),
        ...(timeoutMs !== bead.timeoutMs && { timeoutMs }),
      },
      'Saved',
    );
    if (answer.ok) onDone();
  };
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Input
        label="Title"
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        maxLength={LIMITS.titleCharacters.value}
        required
        first
      />
      <TextArea label="Body" rows={8} value={body} onChange={(event) => setBody(event.target.value)} />
      <div className="grid gap-3 sm:grid-cols-3">
        <KindInput value={kind} onChange={setKind} />
        <Input label="Labels" value={labels} onChange={(event) => setLabels(event.target.value)} placeholder="docs, api" />
        <TimeLimit value={minutes} onChange={setMinutes} />
      </div>
      <RefusalNote refusal={refusal} />
      <div className="flex justify-end gap-2">
        <Button small onClick={onDone}>
          Cancel
        </Button>
        <Button small kind="primary" type="submit" pending={pending}>
          Save
        </Button>
      </div>
    </form>
  );
}

/** Minutes that one run may take. */
export function TimeLimit({ value, onChange }: { value: string; onChange: (minutes: string) => void }) {
  return (
    <Input
      label="Time limit in minutes"
      type="number"
      min={1}
      max={1_440}
      step="any"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      placeholder="none"
    />
  );
}
