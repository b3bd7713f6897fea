import { AgentId, BeadId, DEFAULT_PERMISSIONS, Generation, MergeId, RigId, RunId, workBranch } from '@gastown/protocol';
import type { PrimeContext, RunnerEffect, Sha } from '@gastown/protocol';

/** Effects as a town sends them, with one rig, one agent and one run that may be changed. */
export const RIG = RigId.parse('rig-00000001');
export const RUN = RunId.parse('run-000000000001');
export const AGENT = AgentId.parse('ag-00000001');
export const MAYOR = AgentId.parse('ag-000000aa');
const BEAD = BeadId.parse('gt-1a2b3c4d');
export const MERGE = MergeId.parse('mr-00000001');
export const BRANCH = workBranch('Toast', BEAD);
export const SIGNATURE = { gitName: 'Ada', gitEmail: 'ada@example.invalid', agentName: 'Toast' };

export function context(changes: Partial<PrimeContext> = {}): PrimeContext {
  return {
    town: { name: 'Test town' },
    agent: { id: AGENT, name: 'Toast', role: 'polecat', identity: 'web/polecat/Toast' },
    rig: { id: RIG, name: 'web', defaultBranch: 'main', empty: false },
    bead: { id: BEAD, title: 'Add a greeting', body: 'Say hello.', priority: 'medium', labels: [] },
    branch: BRANCH,
    targetBranch: 'main',
    gates: ['test -f hello.txt'],
    attempt: 1,
    earlier: [],
    checkpoint: null,
    mail: [],
    molecule: null,
    rigs: [],
    ...changes,
  };
}

export function runStart(
  gitUrl: string | null,
  changes: Partial<Extract<RunnerEffect, { kind: 'run.start' }>> = {},
): Extract<RunnerEffect, { kind: 'run.start' }> {
  return {
    kind: 'run.start',
    runId: RUN,
    generation: Generation.parse(1),
    agentId: AGENT,
    agentKind: 'kilo',
    gitUrl,
    startFrom: null,
    model: 'scripted',
    modelShape: 'openai',
    resumeSessionId: null,
    isFull: false,
    gitName: SIGNATURE.gitName,
    gitEmail: SIGNATURE.gitEmail,
    permissions: DEFAULT_PERMISSIONS,
    setup: [],
    context: context(),
    ...changes,
  };
}

export function mergeTest(
  gitUrl: string,
  headCommit: Sha,
  changes: Partial<Extract<RunnerEffect, { kind: 'merge.test' }>> = {},
): Extract<RunnerEffect, { kind: 'merge.test' }> {
  return {
    kind: 'merge.test',
    mergeId: MERGE,
    rigId: RIG,
    gitUrl,
    branch: BRANCH,
    headCommit,
    targetBranch: 'main',
    isNew: false,
    message: `Add a greeting\n\nBead-ID: ${BEAD}\nMerge-Request: ${MERGE}\n`,
    ...SIGNATURE,
    setup: [],
    gates: [],
    ...changes,
  };
}
