import { BeadId, LIMITS, Priority, RigId } from '@gastown/protocol';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useCommand } from '../commands/use-command.ts';
import { useSelect } from '../replica/hooks.ts';
import { Button } from '../ui/Button.tsx';
import { Input, RefusalNote, Select, TextArea } from '../ui/Field.tsx';
import { Modal } from '../ui/Modal.tsx';
import { useUi } from '../ui-state.ts';

export function CreateBead() {
  const open = useUi((state) => state.open);
  const close = () => open(null);
  const here = useParams({ strict: false }).rig;
  const rigs = useSelect(['rigs'], (replica) => [...replica.rows('rigs').values()].filter((rig) => rig.state !== 'removed'));
  const beads = useSelect(['beads'], (replica) =>
    [...replica.rows('beads').values()].filter((bead) => bead.type === 'issue' && bead.status !== 'closed'),
  );
  const { run, pending, refusal } = useCommand({ quiet: true });
  const [form, setForm] = useState({ title: '', body: '', rig: '', priority: 'medium' as Priority, after: '', labels: '' });
  const put = (change: Partial<typeof form>) => setForm((before) => ({ ...before, ...change }));
  const rig = RigId.safeParse(form.rig || here || rigs[0]?.id);
  const duplicate = refusal?.code === 'duplicate_bead';
  const submit = async () => {
    if (!rig.success) return;
    const after = BeadId.safeParse(form.after);
    const labels = form.labels
      .split(',')
      .map((label) => label.trim())
      .filter(Boolean);
    const answer = await run(
      {
        kind: 'bead.create',
        rigId: rig.data,
        title: form.title.trim(),
        body: form.body,
        priority: form.priority,
        ...(labels.length > 0 && { labels }),
        ...(after.success && { dependsOn: [after.data] }),
        ...(duplicate && { force: true }),
      },
      'Bead created',
    );
    if (answer.ok) close();
  };
  return (
    <Modal title="Create bead" open onClose={close}>
      {rigs.length === 0 ? (
        <p className="text-sm text-muted">Connect a repository first: a bead is work on one. Settings › Repositories.</p>
      ) : (
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
            rows={5}
            maxLength={LIMITS.bodyCharacters.value}
            placeholder="Details in Markdown"
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
                event.preventDefault();
                void submit();
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
            <Select label="After" value={form.after} onChange={(event) => put({ after: event.target.value })}>
              <option value="">nothing: it may start at once</option>
              {beads.map((bead) => (
                <option key={bead.id} value={bead.id}>
                  {bead.title}
                </option>
              ))}
            </Select>
            <Input label="Labels" value={form.labels} onChange={(event) => put({ labels: event.target.value })} placeholder="docs, api" />
          </div>
          <RefusalNote refusal={refusal} />
          <div className="flex justify-end gap-2">
            <Button onClick={close}>Cancel</Button>
            <Button kind="primary" type="submit" pending={pending}>
              {duplicate ? 'Create another anyway' : 'Create'}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  );
}
