import { NO_USAGE, type BeadId, type ConvoyId, type SpendLevel, type Usage } from '@gastown/protocol';
import { story, type Story } from './ready.ts';
import { silentPolecat, type Script } from './runner.ts';

/** A town in which money is spent, and words for stories of limits. */
export const SOFT = 800;
export const HARD = 1_000;

/** One polecat at work on one bead, and two convoys that track it. */
export function working(script: Partial<Script> = {}, options: Parameters<typeof story>[1] = {}) {
  const one = story({ polecat: silentPolecat, ...script }, options);
  const bead = one.wish('first');
  const convoyId = convoy(one, bead);
  one.runner.work();
  const [start] = one.runner.starts;
  const ids: Record<SpendLevel, string> = {
    run: start!.runId,
    bead,
    convoy: convoyId,
    agent: start!.agentId,
    rig: one.rigId,
    town: one.town.rows().town[0]!.id,
  };
  return { ...one, id: bead, start: start!, ids };
}
const convoy = ({ town }: Story, ...beadIds: BeadId[]): ConvoyId =>
  town.must<{ convoyId: ConvoyId }>({ kind: 'convoy.create', title: 'Convoy', beadIds, staged: false }).convoyId;
export const cost = (costMicros: number): Usage => ({ ...NO_USAGE, costMicros });
export const spent = ({ town }: Story, runId: string, costMicros: number) =>
  town.send({ kind: 'spend', runId: runId as never, usage: cost(costMicros), model: 'm' });
export const session = (runId: string) => `s-${runId}`;
