import type { BeadId } from '@gastown/protocol';
import { useState, type ReactNode } from 'react';
import { Button } from '../ui/Button.tsx';
import { BeadPicker } from './BeadPicker.tsx';

/**
 * Chooses a bead and adds it; `before` stands in front of it in the same line. It is no form of its own, so that it can stand in one: Enter in the field
 * adds what is chosen and does not send the form around it. Give it another `key` to begin anew.
 */
export function AddBead({
  without,
  onAdd,
  before,
  closed = false,
  pending = false,
}: {
  without: readonly string[];
  onAdd: (id: BeadId) => void;
  before?: ReactNode;
  /** Offer what is closed too. */
  closed?: boolean;
  pending?: boolean;
}) {
  const [bead, setBead] = useState<BeadId | null>(null);
  const add = () => {
    if (bead && !pending) onAdd(bead);
  };
  return (
    <div className="flex flex-wrap items-end gap-2">
      {before}
      <BeadPicker label="Bead" value={bead} onPick={setBead} onEnter={add} without={without} closed={closed} disabled={pending} />
      <Button pending={pending} disabled={!bead} onClick={add}>
        Add
      </Button>
    </div>
  );
}
