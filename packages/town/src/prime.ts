import { HOME_RUNNER, type PrimeContext } from '@gastown/protocol';
import type { Agent } from './agents/store.ts';
import type { Sql } from './api.ts';
import { findBead } from './beads/store.ts';
import { theTown } from './config/store.ts';
import { unreadOf, type Mail } from './mail/store.ts';
import { fitted, TOLD_OF_A_MERGE } from './merges/outputs.ts';
import { mergesOfBeads } from './merges/store.ts';
import { checkpointOf } from './messages/store.ts';
import { moleculeOf, stepsOf } from './molecules/store.ts';
import { gatesOf } from './rigs/gates.ts';
import { findRig, liveRigs } from './rigs/store.ts';
import { takersOf } from './runners/placing.ts';
import { allRunners } from './runners/store.ts';
import { runsOfBead, type Run } from './runs/store.ts';

/** Earlier runs told to the next one; older ones only repeat them. */
const TOLD = 5;

/** Whose checkpoint a run reads and writes: its bead's, so that another agent continues; the Mayor's own. */
export const checkpointOwner = (run: Pick<Run, 'beadId' | 'agentId'>): string => run.beadId ?? run.agentId;

/** What an agent is told at its start and by `gt_prime` (AG-9), as data. */
export function primeContext(sql: Sql, run: Run, agent: Agent): PrimeContext {
  const rig = run.rigId ? findRig(sql, run.rigId) : null;
  const bead = run.beadId ? findBead(sql, run.beadId) : null;
  return {
    town: { name: theTown(sql).name },
    agent: { id: agent.id, name: agent.name, role: agent.role, identity: agent.identity },
    rig: rig && { id: rig.id, name: rig.name, defaultBranch: rig.defaultBranch, empty: rig.empty },
    bead: bead && { id: bead.id, title: bead.title, body: bead.body, priority: bead.priority, labels: bead.labels },
    branch: run.branch,
    targetBranch: rig?.defaultBranch ?? null,
    gates: rig ? gatesOf(sql, rig) : [],
    attempt: run.attempt,
    earlier: run.beadId ? earlierRuns(sql, run) : [],
    checkpoint: checkpointOf(sql, checkpointOwner(run)),
    mail: unreadOf(sql, agent.id).map((mail) => told(mail, run)),
    molecule: run.beadId ? stepsTold(sql, run.beadId) : null,
    rigs: agent.role === 'mayor' ? rigsTold(sql) : [],
  };
}

/** What the Mayor is told of the rigs (MY-4): those whose code may be where it is. Of others it knows when it lists them. */
export function rigsTold(sql: Sql): PrimeContext['rigs'] {
  const runners = allRunners(sql);
  return liveRigs(sql)
    .filter(({ id }) => takersOf(runners, id).some((runner) => runner.id === HOME_RUNNER))
    .map(({ id, name, gitUrl, state, defaultBranch }) => ({ id, name, gitUrl, state, defaultBranch }));
}

/** What this run's start takes along is told in full; the rest comes by itself when the agent is idle, and must not come twice (I13). */
const told = ({ id, sender, subject, body, createdAt, carriedBy }: Mail, run: Run): PrimeContext['mail'][number] => ({
  id,
  from: sender,
  subject,
  body: carriedBy === run.id ? body : null,
  at: createdAt,
});
function stepsTold(sql: Sql, beadId: string): PrimeContext['molecule'] {
  const molecule = moleculeOf(sql, beadId);
  return molecule && { title: molecule.title, steps: stepsOf(sql, [molecule.id]).get(molecule.id) ?? [] };
}

function earlierRuns(sql: Sql, run: Run): PrimeContext['earlier'] {
  const merges = new Map(mergesOfBeads(sql, [run.beadId ?? '']).map((merge) => [merge.runId, merge]));
  return runsOfBead(sql, run.beadId ?? '')
    .filter((other) => other.state === 'ended' && other.generation < run.generation)
    .slice(-TOLD)
    .map((other) => {
      const merge = merges.get(other.id);
      return {
        attempt: other.attempt,
        summary: other.summary,
        failure: merge?.failure ?? other.failure,
        gates: fitted(merge?.gates ?? [], TOLD_OF_A_MERGE),
      };
    });
}
