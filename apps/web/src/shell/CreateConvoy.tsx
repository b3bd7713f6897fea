import { ConvoyId, LIMITS, RigId, type BeadId, type PersonCommand } from '@gastown/protocol';
import { useState } from 'react';
import { isLarge, startSize, stillPlanned, type StartSize } from '../commands/starts.ts';
import { useCommand } from '../commands/use-command.ts';
import { createdWords, titlesOf } from '../convoys.ts';
import { useConnection, useSelect, useTown } from '../replica/hooks.ts';
import { Button } from '../ui/Button.tsx';
import { Check } from '../ui/Check.tsx';
import { Input, RefusalNote, Select, TextArea } from '../ui/Field.tsx';
import { Modal } from '../ui/Modal.tsx';
import { useUi } from '../ui-state.ts';
import { BeadPicker } from '../views/BeadPicker.tsx';
import { PickedBeads } from '../views/PickedBeads.tsx';
import { useAct } from './act.ts';
import { StartQuestion, startTitle } from './StartMany.tsx';

export function CreateConvoy() {
  const open = useUi((state) => state.open);
  return (
    <Modal title="Create convoy" open onClose={() => open(null)}>
      <ConvoyForm close={() => open(null)} />
    </Modal>
  );
}

function ConvoyForm({ close }: { close: () => void }) {
  const act = useAct();
  const { replica } = useConnection();
  const town = useTown();
  const rigs = useSelect(['rigs'], (replica) => [...replica.rows('rigs').values()].filter((rig) => rig.state !== 'removed'));
  const { run, pending, refusal } = useCommand({ quiet: true });
  const [title, setTitle] = useState('');
  const [beads, setBeads] = useState<readonly BeadId[]>([]);
  const [text, setText] = useState('');
  const [chained, setChained] = useState(false);
  const [staged, setStaged] = useState(town?.stagedConvoysDefault ?? false);
  const [asked, setAsked] = useState<StartSize | null>(null);
  const [rig, setRig] = useState(rigs[0]?.id ?? '');
  const titles = titlesOf(text);
  const rigId = RigId.safeParse(rig);
  const empty = beads.length === 0 && titles.length === 0;
  const submit = async (sure = false) => {
    if (titles.length > 0 && !rigId.success) return;
    const command: PersonCommand = {
      kind: 'convoy.create',
      title: title.trim(),
      staged,
      ...(beads.length > 0 && { beadIds: [...beads] }),
      ...(titles.length > 0 &&
        rigId.success && {
          tasks: titles.map((task, at) => ({ rigId: rigId.data, title: task, ...(chained && at > 0 && { dependsOn: [at - 1] }) })),
        }),
    };
    const size = startSize(replica, command);
    if (!sure && size && isLarge(size)) return setAsked(size);
    setAsked(null);
    const answer = await run(
      command,
      staged
        ? 'Convoy planned; start it when you want it done'
        : town?.paused
          ? 'Convoy created; the town is paused: it begins when you resume the town'
          : createdWords(stillPlanned(beads.flatMap((id) => replica.row('beads', id) ?? []))),
    );
    if (!answer.ok) return;
    close();
    const made = ConvoyId.safeParse((answer.value as { convoyId?: unknown } | null)?.convoyId);
    if (made.success) act.drawer({ kind: 'convoy', id: made.data });
  };
  // In its place, and not over it: what was typed is still there for who says no.
  if (asked)
    return (
      <div className="flex flex-col gap-3">
        <h3 className="text-sm font-medium">{startTitle(asked)}</h3>
        <StartQuestion
          size={asked}
          otherwise="To begin later, mark it Planned."
          answer={(yes) => (yes ? void submit(true) : setAsked(null))}
          onLeave={close}
        />
      </div>
    );
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Input
        label="Title"
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        required
        maxLength={LIMITS.titleCharacters.value}
        placeholder="What all of it is for"
        first
      />
      <PickedBeads
        label="Beads of the convoy"
        beads={beads.map((id) => ({ id }))}
        onLeaveOut={(id) => setBeads(beads.filter((other) => other !== id))}
      />
      <BeadPicker
        key={beads.join()}
        label="Beads that are here"
        value={null}
        onPick={(id) => {
          if (id) setBeads([...beads, id]);
        }}
        without={beads}
      />
      {rigs.length > 0 && (
        <>
          <TextArea
            label="New beads, one title a line"
            rows={4}
            value={text}
            onChange={(event) => setText(event.target.value)}
            hint={titles.length > 0 ? `${titles.length} new ${titles.length === 1 ? 'bead' : 'beads'}` : undefined}
          />
          {titles.length > 0 && (
            <div className="grid items-end gap-4 sm:grid-cols-2">
              <Select label="Rig of the new beads" value={rig} onChange={(event) => setRig(event.target.value as RigId)}>
                {rigs.map((option) => (
                  <option key={option.id} value={option.id}>
                    {option.name}
                  </option>
                ))}
              </Select>
              <Check label="Each after the one before" checked={chained} onChange={setChained} />
            </div>
          )}
        </>
      )}
      <Check label="Planned" hint="Nothing of it starts before you say so." checked={staged} onChange={setStaged} />
      <RefusalNote refusal={refusal} />
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Cancel</Button>
        <Button kind="primary" type="submit" pending={pending} disabled={empty}>
          Create
        </Button>
      </div>
    </form>
  );
}
