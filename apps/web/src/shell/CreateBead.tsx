import { BeadId, LIMITS, Priority, RigId, type PersonCommand } from '@gastown/protocol';
import { useParams, useSearch } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { toast } from '../ui/toast.ts';
import { useCommand } from '../commands/use-command.ts';
import { fromLocalInput, localInput, makingOf, rigHere, type BeadForm } from '../making.ts';
import { useSelect } from '../replica/hooks.ts';
import { Button } from '../ui/Button.tsx';
import { Check } from '../ui/Check.tsx';
import { Input, RefusalNote, Select, TextArea } from '../ui/Field.tsx';
import { Modal } from '../ui/Modal.tsx';
import { useUi } from '../ui-state.ts';
import { BeadPicker } from '../views/BeadPicker.tsx';
import { TimeLimit } from '../views/bead/EditBead.tsx';
import { KindInput } from '../views/KindInput.tsx';
import { RelationFields } from './RelationFields.tsx';
import { useAct } from './act.ts';

const EMPTY = {
  title: '',
  body: '',
  rig: '',
  priority: 'medium' as Priority,
  kind: 'task',
  labels: '',
  after: null as BeadId | null,
  parentId: null as BeadId | null,
  relations: [] as BeadForm['relations'],
  notBefore: '',
  minutes: '',
  staged: false,
};
type CreateForm = typeof EMPTY;
type Put = (change: Partial<CreateForm>) => void;

export function CreateBead() {
  const open = useUi((state) => state.open);
  const close = () => open(null);
  const rigs = useSelect(['rigs'], (replica) => [...replica.rows('rigs').values()].filter((rig) => rig.state !== 'removed'));
  return (
    <Modal title="Create bead" open onClose={close}>
      {rigs.length === 0 ? (
        <p className="text-sm text-muted">Connect a repository first: a bead is work on one. Settings › Repositories.</p>
      ) : (
        <CreateBeadForm rigs={rigs} close={close} />
      )}
    </Modal>
  );
}

function CreateBeadForm({ rigs, close }: { rigs: readonly { id: RigId; name: string }[]; close: () => void }) {
  const page = useParams({ strict: false }).rig;
  const narrowed = useSearch({ strict: false, select: (search: { rig?: string }) => search.rig });
  const here = rigHere(rigs, page ?? narrowed);
  const { run, pending, refusal } = useCommand({ quiet: true });
  const after = useCommand();
  const act = useAct();
  const [form, setForm] = useState(EMPTY);
  const put: Put = (change) => setForm((before) => ({ ...before, ...change }));
  const rig = RigId.safeParse(form.rig || here);
  const duplicate = refusal?.code === 'duplicate_bead';
  const submit = async () => {
    if (!rig.success) return;
    const { create, next } = makingOf(wishOf(form, rig.data, duplicate));
    const answer = await run(create);
    if (!answer.ok) return;
    const made = BeadId.safeParse((answer.value as { beadId?: unknown } | null)?.beadId);
    const done = made.success ? await inTurn(next(made.data), async (command) => (await after.run(command)).ok) : true;
    close();
    if (done) toast.success(form.staged ? 'Bead planned; start it when you want it done' : 'Bead created');
    else if (made.success) act.drawer({ kind: 'bead', id: made.data });
  };
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
        value={form.title}
        onChange={(event) => put({ title: event.target.value })}
        required
        maxLength={LIMITS.titleCharacters.value}
        placeholder="What should be true when it is done"
        first
      />
      <TextArea
        label="Body"
        value={form.body}
        onChange={(event) => put({ body: event.target.value })}
        rows={4}
        maxLength={LIMITS.bodyCharacters.value}
        placeholder="Details in Markdown"
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }
        }}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Select label="Rig" value={rig.success ? rig.data : ''} onChange={(event) => put({ rig: event.target.value })}>
          {rigs.map((option) => (
            <option key={option.id} value={option.id}>
              {option.name}
            </option>
          ))}
        </Select>
        <Select label="Priority" value={form.priority} onChange={(event) => put({ priority: Priority.parse(event.target.value) })}>
          {Priority.options.map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </Select>
        <KindInput value={form.kind} onChange={(kind) => put({ kind })} />
        <Input label="Labels" value={form.labels} onChange={(event) => put({ labels: event.target.value })} placeholder="docs, api" />
        <BeadPicker label="After" value={form.after} onPick={(picked) => put({ after: picked })} />
        <BeadPicker label="Part of" value={form.parentId} onPick={(parentId) => put({ parentId })} />
      </div>
      <More form={form} put={put} />
      <Check label="Planned" hint="It starts when you say so." checked={form.staged} onChange={(staged) => put({ staged })} />
      <RefusalNote refusal={refusal} />
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Cancel</Button>
        <Button kind="primary" type="submit" pending={pending || after.pending}>
          {duplicate ? 'Create another anyway' : 'Create'}
        </Button>
      </div>
    </form>
  );
}

/** What few beads need. */
function More({ form, put }: { form: CreateForm; put: Put }) {
  const [now] = useState(Date.now);
  return (
    <details className="group">
      <summary className="inline-flex h-7 items-center gap-1 rounded-md text-sm text-muted hover:text-fg">
        <ChevronRight size={14} className="transition-transform duration-100 group-open:rotate-90" />
        Not before, time limit, more dependencies
      </summary>
      <div className="mt-3 flex flex-col gap-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <Input
            label="Not before"
            type="datetime-local"
            min={localInput(now)}
            value={form.notBefore}
            onChange={(event) => put({ notBefore: event.target.value })}
          />
          <TimeLimit value={form.minutes} onChange={(minutes) => put({ minutes })} />
        </div>
        <RelationFields relations={form.relations} onChange={(relations) => put({ relations })} />
      </div>
    </details>
  );
}

const wishOf = (form: CreateForm, rigId: RigId, force: boolean): BeadForm => ({
  rigId,
  title: form.title,
  body: form.body,
  priority: form.priority,
  kind: form.kind.trim() || 'task',
  labels: form.labels,
  parentId: form.parentId,
  relations: [...(form.after ? [{ type: 'blocks', id: form.after }] : []), ...form.relations],
  notBefore: fromLocalInput(form.notBefore),
  staged: form.staged,
  timeoutMs: form.minutes.trim() === '' ? null : Math.round(Number(form.minutes) * 60_000),
  force,
});

/** One after the other; stops at the first that the town refuses. */
async function inTurn(commands: readonly PersonCommand[], run: (command: PersonCommand) => Promise<boolean>): Promise<boolean> {
  for (const command of commands) if (!(await run(command))) return false;
  return true;
}
