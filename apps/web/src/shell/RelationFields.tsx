import type { BeadId } from '@gastown/protocol';
import { X } from 'lucide-react';
import { useState } from 'react';
import type { BeadForm } from '../making.ts';
import { CHOICES } from '../relations.ts';
import { useRow } from '../replica/hooks.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { BeadPicker } from '../views/BeadPicker.tsx';
import { RelationType } from '../views/bead/Relations.tsx';

type Relations = BeadForm['relations'];

/** The edges that a new bead shall have beside its parent and what it comes after. */
export function RelationFields({ relations, onChange }: { relations: Relations; onChange: (relations: Relations) => void }) {
  const [type, setType] = useState<string>('blocks');
  const [other, setOther] = useState<BeadId | null>(null);
  const without = relations.map(({ id }) => id);
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="label mb-1.5">More dependencies</legend>
      {relations.length > 0 && (
        <ul>
          {relations.map((relation) => (
            <li key={relation.id} className="flex min-h-8 items-center gap-2 text-sm">
              <span className="w-32 shrink-0 text-faint">{CHOICES.find((choice) => choice.type === relation.type)?.words}</span>
              <span className="min-w-0 flex-1 truncate">
                <Title id={relation.id} />
              </span>
              <IconButton
                label={`Leave out ${relation.id}`}
                className="!size-6"
                onClick={() => onChange(relations.filter(({ id }) => id !== relation.id))}
              >
                <X size={13} />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      <div className="flex flex-wrap items-end gap-2">
        <RelationType label="It is" value={type} onChange={setType} />
        <BeadPicker key={without.join()} label="Bead" value={other} onPick={setOther} without={without} closed={type !== 'blocks'} />
        <Button
          disabled={!other}
          onClick={() => {
            if (other) onChange([...relations, { type, id: other }]);
            setOther(null);
          }}
        >
          Add
        </Button>
      </div>
    </fieldset>
  );
}

const Title = ({ id }: { id: string }) => useRow('beads', id)?.title ?? id;
