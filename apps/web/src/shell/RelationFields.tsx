import { useState } from 'react';
import type { BeadForm } from '../making.ts';
import { wordsFor } from '../relations.ts';
import { AddBead } from '../views/AddBead.tsx';
import { RelationType } from '../views/bead/Relations.tsx';
import { PickedBeads } from '../views/PickedBeads.tsx';

type Relations = BeadForm['relations'];

/** The edges that a new bead shall have beside its parent and what it comes after. */
export function RelationFields({ relations, onChange }: { relations: Relations; onChange: (relations: Relations) => void }) {
  const [type, setType] = useState<string>('blocks');
  const without = relations.map(({ id }) => id);
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="label mb-1.5">More dependencies</legend>
      <PickedBeads
        label="Dependencies of the bead"
        beads={relations.map((relation) => ({ id: relation.id, words: wordsFor(relation.type) }))}
        onLeaveOut={(id) => onChange(relations.filter((relation) => relation.id !== id))}
      />
      <AddBead
        key={without.join()}
        before={<RelationType label="It is" value={type} onChange={setType} />}
        without={without}
        closed={type !== 'blocks'}
        onAdd={(id) => onChange([...relations, { type, id }])}
      />
    </fieldset>
  );
}
