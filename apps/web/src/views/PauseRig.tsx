import type { RigRow } from '@gastown/protocol';
import { Pause, Play } from 'lucide-react';
import { useCommand } from '../commands/use-command.ts';
import { Button } from '../ui/Button.tsx';

export function PauseRig({ rig }: { rig: RigRow }) {
  const { run, pending } = useCommand();
  return (
    <Button
      small
      kind={rig.paused ? 'plain' : 'quiet'}
      pending={pending}
      icon={rig.paused ? <Play size={13} /> : <Pause size={13} />}
      aria-label={rig.paused ? `Resume ${rig.name}` : `Pause ${rig.name}`}
      title={rig.paused ? undefined : 'Nothing new starts in it; what runs goes on'}
      onClick={() =>
        rig.paused
          ? void run({ kind: 'rig.resume', rigId: rig.id }, 'The rig goes on')
          : void run({ kind: 'rig.pause', rigId: rig.id }, 'The rig is paused')
      }
    >
      {rig.paused ? 'Resume' : 'Pause'}
    </Button>
  );
}

export const RigPaused = ({ rig }: { rig: RigRow }) =>
  rig.paused ? (
    <p className="rounded-lg bg-sunken px-3 py-1.5 text-sm text-muted">
      {rig.busyPolecats > 0
        ? `Pausing: nothing new starts in this rig; ${rig.busyPolecats === 1 ? 'the agent' : `the ${rig.busyPolecats} agents`} at work end first.`
        : 'Paused: nothing starts in this rig.'}
    </p>
  ) : null;
