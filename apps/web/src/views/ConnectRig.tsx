import type { RigRow } from '@gastown/protocol';
import { RefreshCw } from 'lucide-react';
import { useCommand } from '../commands/use-command.ts';
import { CONNECT_STEPS } from '../connecting.ts';
import { useTown } from '../replica/hooks.ts';
import { Button } from '../ui/Button.tsx';
import { RefusalNote } from '../ui/Field.tsx';
import { FailureBanner } from './parts.tsx';

/** A repository that was given and is not connected yet, or cannot be: it is tried again, given anew, or left; nothing half made stays. */
export function ConnectRig({
  rig,
  failed,
  onAnother,
  onStop,
}: {
  rig: RigRow;
  failed: boolean;
  onAnother: () => void;
  onStop: () => void;
}) {
  const trouble = useTown()?.container.failure ?? null;
  const again = useCommand({ quiet: true });
  const remove = useCommand({ quiet: true });
  const removeIt = () => remove.run({ kind: 'rig.remove', rigId: rig.id });
  const another = () => {
    onAnother(); // first: the form may come before the answer
    void removeIt();
  };
  const stop = async () => {
    if ((await removeIt()).ok) onStop();
  };
  return (
    <section aria-label={`Repository ${rig.name}`} className="flex max-w-md flex-col gap-4">
      {failed ? (
        <p className="text-sm">
          <span className="font-medium">{rig.name} is not connected.</span>{' '}
          <span className="text-muted [overflow-wrap:anywhere]">{rig.gitUrl}</span>
        </p>
      ) : (
        <output className="text-sm">
          <span className="font-medium">Connecting {rig.name} …</span>{' '}
          <span className="text-muted">The first time the town’s container starts too: about ten seconds.</span>
        </output>
      )}
      {failed && rig.failure && <FailureBanner failure={rig.failure} next={CONNECT_STEPS[rig.failure.code]} />}
      {!failed && trouble && <FailureBanner failure={trouble} />}
      <RefusalNote refusal={again.refusal ?? remove.refusal} />
      <div className="flex flex-wrap gap-2">
        {failed && (
          <Button
            kind="primary"
            icon={<RefreshCw size={15} />}
            pending={again.pending}
            onClick={() => void again.run({ kind: 'rig.reconnect', rigId: rig.id })}
          >
            Try again
          </Button>
        )}
        <Button pending={remove.pending} onClick={another}>
          Give another
        </Button>
        <Button kind="quiet" pending={remove.pending} onClick={() => void stop()}>
          Stop here
        </Button>
      </div>
    </section>
  );
}
