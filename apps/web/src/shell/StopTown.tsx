import { OctagonX } from 'lucide-react';
import { useCommand } from '../commands/use-command.ts';
import { useTown } from '../replica/hooks.ts';
import { Button } from '../ui/Button.tsx';
import { RefusalNote } from '../ui/Field.tsx';
import { Modal } from '../ui/Modal.tsx';
import { useUi } from '../ui-state.ts';

/** Says what a stop does and what it does not, then does it. Enter is enough: who needs it is in a hurry. */
export function StopTown() {
  const open = useUi((state) => state.open);
  const town = useTown();
  const { run, pending, refusal } = useCommand({ quiet: true });
  const close = () => open(null);
  const stop = async () => {
    const answer = await run({ kind: 'town.stop' }, 'Town stopped');
    if (answer.ok) close();
  };
  const busy = town?.busyPolecats ?? 0;
  return (
    <Modal title="Stop the town" open onClose={close}>
      <div className="flex flex-col gap-4 text-sm">
        <ul className="flex list-disc flex-col gap-1 pl-5">
          <li>
            {busy === 0
              ? 'No polecat works now; the Mayor is ended'
              : `${busy} ${busy === 1 ? 'polecat' : 'polecats'} and the Mayor are ended`}{' '}
            at once.
          </li>
          <li>No model call goes through, so nothing more is spent.</li>
          <li>Nothing is lost: pushed work stays, beads go back in line, no attempt is counted.</li>
        </ul>
        <p className="text-muted">To let running work finish and only start nothing new, pause the town instead.</p>
        <RefusalNote refusal={refusal} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button kind="danger" icon={<OctagonX size={15} />} pending={pending} data-first onClick={() => void stop()}>
            Stop now
          </Button>
        </div>
      </div>
    </Modal>
  );
}
