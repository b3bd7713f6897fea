import type { RigRow } from '@gastown/protocol';
import { RefreshCw } from 'lucide-react';
import { useCommand } from '../commands/use-command.ts';
import { At } from '../ui/Bits.tsx';
import { Button } from '../ui/Button.tsx';
import { FailureBanner } from './parts.tsx';

/** Why a repository cannot be used, since when, when the town looks at it again, and the button that does it now. */
export function RigFailure({ rig }: { rig: RigRow }) {
  const { run, pending } = useCommand();
  if (!rig.failure) return null;
  return (
    <div className="flex flex-col gap-1">
      <FailureBanner
        failure={rig.failure}
        {...(rig.failingSince !== null && { at: rig.failingSince })}
        action={
          <Button
            small
            kind="accent"
            pending={pending}
            icon={<RefreshCw size={13} />}
            onClick={() => void run({ kind: 'rig.reconnect', rigId: rig.id }, 'Connecting again')}
          >
            Reconnect
          </Button>
        }
      />
      {rig.state === 'unreachable' && (
        <p className="px-3 text-xs text-muted">
          {rig.looksAgainAt === null ? (
            'The town does not look at it again by itself: Reconnect does.'
          ) : (
            <>
              The town looks at it again by itself: <At at={rig.looksAgainAt} className="!text-muted" />, or as soon as a runner is there.
            </>
          )}
        </p>
      )}
    </div>
  );
}
