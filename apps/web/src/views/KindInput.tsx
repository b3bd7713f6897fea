import { UNDISPATCHED_KINDS } from '@gastown/protocol';
import { useId } from 'react';
import { Input } from '../ui/Field.tsx';

const KINDS = ['task', 'bug', 'feature', 'chore', 'docs', 'epic', 'decision', 'milestone'];

/** The kind of work: a known word or one's own. */
export function KindInput({ value, onChange }: { value: string; onChange: (kind: string) => void }) {
  const id = useId();
  const undispatched = (UNDISPATCHED_KINDS as readonly string[]).includes(value);
  return (
    <>
      <Input
        label="Kind"
        list={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        maxLength={40}
        pattern="[a-z][a-z0-9_\-]*"
        title="Lower-case letters, digits, dashes and underscores"
        placeholder="task"
        hint={undispatched ? 'No agent is sent to it; its parts are the work.' : undefined}
      />
      <datalist id={id}>
        {KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {kind}
          </option>
        ))}
      </datalist>
    </>
  );
}
