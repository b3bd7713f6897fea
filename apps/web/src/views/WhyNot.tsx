import type { BeadRow, PersonCommand, RunnerId } from '@gastown/protocol';
import { Hourglass } from 'lucide-react';
import { useStart } from '../commands/use-start.ts';
import { figuresOf } from '@gastown/protocol/needs';
import { useConnection, useRow, useSelect, useTown } from '../replica/hooks.ts';
import { useAct } from '../shell/act.ts';
import { beadSign } from '../signal.ts';
import { Button } from '../ui/Button.tsx';
import { startCommand, startedWords, waitingOf, type NextStep } from '../waiting.ts';

/** The sentence of a bead; renders again when the beads it names change. */
export function useWaiting(bead: BeadRow | undefined) {
  const { replica } = useConnection();
  const town = useTown();
  const rig = useRow('rigs', bead?.rigId);
  useRow('beads', bead?.wait?.ref);
  useRow('convoys', bead?.wait?.ref);
  useRow('limits', bead?.wait?.ref);
  useRow('permissions', bead?.wait?.ref);
  useRow('merges', bead?.wait?.ref);
  useRow('runners', bead?.wait?.ref);
  useRow('runs', bead?.wait?.ref);
  return bead
    ? waitingOf(bead, {
        town,
        rig,
        bead: (id) => replica.row('beads', id),
        limit: (ref) => figuresOf(replica, ref),
        convoy: (id) => replica.row('convoys', id),
        permission: (id) => replica.row('permissions', id),
        merge: (id) => replica.row('merges', id),
        runner: (id) => replica.row('runners', id),
        run: (id) => replica.row('runs', id),
      })
    : null;
}

/** Why it does not move, with the step that would move it. */
export function WhyNot({ bead }: { bead: BeadRow }) {
  const waiting = useWaiting(bead);
  const needs = useSelect(
    ['agents'],
    (replica) => beadSign(bead, bead.assigneeId ? replica.row('agents', bead.assigneeId) : undefined).signal === 'waiting_for_you',
    [bead],
  );
  if (!waiting) return null;
  return (
    <div
      data-testid="why-not"
      className={`flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1.5 rounded-lg px-3 py-1.5 text-sm ${needs ? 'bg-accent-wash text-accent' : 'bg-sunken text-muted'}`}
    >
      <Hourglass size={14} className="shrink-0" aria-hidden />
      <p className="min-w-52 flex-1 [overflow-wrap:anywhere]">{waiting.sentence}</p>
      {waiting.step && <Step bead={bead} step={waiting.step} needs={needs} />}
    </div>
  );
}

function Step({ bead, step, needs }: { bead: BeadRow; step: NextStep; needs: boolean }) {
  const act = useAct();
  const { start, pending } = useStart();
  const does = step.does;
  const go = () => {
    if ('drawer' in does) act.drawer(does.drawer);
    else if ('settings' in does) act.settings(does.settings, does.limit ? { limit: does.limit } : {});
    else if ('resume' in does) void start({ kind: 'town.resume' }, 'Town resumed');
    else if ('reset' in does) void start({ kind: 'dispatch.reset' }, 'Everything that waited is tried now');
    else if ('retry' in does) void start({ kind: 'bead.retry', beadId: does.retry as BeadRow['id'] }, 'The bead is back in line');
    else if ('start' in does) void start(startCommand(bead), startedWords(bead));
    else if ('settle' in does)
      void start({ kind: 'bead.remove_dependency', ...does.settle } as PersonCommand, 'The bead waits for it no longer');
    else if ('resumeRig' in does)
      void start({ kind: 'rig.resume', rigId: does.resumeRig as NonNullable<BeadRow['rigId']> }, 'The rig goes on');
    else if ('resumeRunner' in does)
      void start({ kind: 'runner.update', runnerId: does.resumeRunner as RunnerId, paused: false }, 'The runner goes on');
    else if ('startConvoy' in does)
      void start({ kind: 'convoy.start', convoyId: does.startConvoy as NonNullable<BeadRow['convoyId']> }, 'The convoy is started');
    else if ('resumeConvoy' in does)
      void start({ kind: 'convoy.resume', convoyId: does.resumeConvoy as NonNullable<BeadRow['convoyId']> }, 'The convoy goes on');
    else void start({ kind: 'rig.reconnect', rigId: does.reconnect as NonNullable<BeadRow['rigId']> }, 'Connecting again');
  };
  return (
    <Button small kind={needs ? 'accent' : 'plain'} pending={pending} onClick={go}>
      {step.label}
    </Button>
  );
}
