import type { RigId } from '@gastown/protocol';
import { Link } from '@tanstack/react-router';
import { useSelect } from '../replica/hooks.ts';
import { useTownId } from '../shell/town-id.ts';
import { rigSign, type Sign } from '../signal.ts';
import { limitAtRig } from '../spending.ts';
import { buttonClass } from '../ui/Button.tsx';

/** The sign of a rig, which a limit that is reached holds like a pause. */
export const useRigSign = (id: string): Sign | null =>
  useSelect(
    ['rigs', 'limits', 'town'],
    (replica) => {
      const rig = replica.rows('rigs').get(id);
      return rig ? rigSign(rig, limitAtRig(replica, rig.id)?.reach) : null;
    },
    [id],
  );

/** The limit of the rig or its town that is reached: what that means, and the way to raise it. */
export function RigLimit({ id }: { id: RigId }) {
  const town = useTownId();
  const limit = useSelect(['rigs', 'limits', 'town'], (replica) => limitAtRig(replica, id), [id]);
  if (!limit) return null;
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-3 gap-y-1.5 rounded-lg bg-accent-wash px-3 py-1.5 text-sm text-accent">
      <p className="min-w-52 flex-1">
        The {limit.reach} limit of the {limit.level} is reached: {limit.says}
      </p>
      <Link to="/t/$town/settings" params={{ town }} search={{ tab: 'spend', limit: limit.ref }} className={buttonClass('accent', true)}>
        Raise
      </Link>
    </div>
  );
}
