import type { RigId } from '@gastown/protocol';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../api.ts';
import type { Refusal } from '../../commands/use-command.ts';
import { useTown } from '../../replica/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { Check } from '../../ui/Check.tsx';
import { RefusalNote, Select } from '../../ui/Field.tsx';
import { Section } from '../../ui/Bits.tsx';

/** The beads as a file: what came in by an import goes out as it was, with what happened since. */
export function Export({ rigs }: { rigs: readonly { id: RigId; name: string }[] }) {
  const town = useTown();
  const [rig, setRig] = useState('');
  const [all, setAll] = useState(false);
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  if (!town) return null;
  const save = async () => {
    setPending(true);
    setRefusal(null);
    const got = await api.exportBeads(town.id, { rig, all });
    setPending(false);
    if (got.ok) saveAs(got.value, `${rigs.find(({ id }) => id === rig)?.name ?? town.name}.jsonl`);
    else setRefusal({ code: got.failure.code, message: got.failure.message, next: got.next });
  };
  return (
    <Section title="Export" className="border-t border-line pt-4">
      <div className="flex max-w-xl flex-col gap-3">
        <WhatIsInIt />
        <div className="flex flex-wrap items-end gap-2">
          <div className="w-48">
            <Select label="Beads of" value={rig} onChange={(event) => setRig(event.target.value)}>
              <option value="">all rigs</option>
              {rigs.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          </div>
          <Button icon={<Download size={15} />} pending={pending} onClick={() => void save()}>
            Download
          </Button>
        </div>
        <Check
          label="The town's own records too"
          hint="Agents, merge requests, escalations and messages are beads as well."
          checked={all}
          onChange={setAll}
        />
        <RefusalNote refusal={refusal} />
      </div>
    </Section>
  );
}

export function WhatIsInIt() {
  return (
    <p className="text-sm text-muted">
      Every bead, one a line; closed, failed and archived ones too. What came in by an import and has not changed since goes out as the line
      that it was. A bead that had been deleted in its own tool never came in (its line there has the status{' '}
      <code className="text-xs">tombstone</code>), so it is not in this file; one that was deleted there later is still a bead here, so it
      is in it.
    </p>
  );
}

function saveAs(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name.replace(/[^\w.-]+/g, '-');
  link.click();
  // The browser has taken it by the next turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}
