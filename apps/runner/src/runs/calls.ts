import { failure, refuse } from '@gastown/protocol';
import type { DoneEvidence, Failure, Result, ToolAnswer } from '@gastown/protocol';
import { browseRig } from '../browse/browse.ts';
import type { BrowseSurroundings } from '../browse/browse.ts';
import type { Git } from '../git/git.ts';
import type { Remotes } from '../git/remote.ts';
import type { Link } from '../link/link.ts';
import type { CheckedCall } from '../mcp/tools.ts';
import { lookAtDone } from './done.ts';
import type { Place, RunStart } from './place.ts';
import type { Saver } from './save.ts';

export interface CallSurroundings extends BrowseSurroundings {
  readonly git: Git;
  readonly remotes: Remotes;
  readonly link: () => Link;
}

/** The run that calls, and where it works. */
export interface Caller {
  readonly effect: RunStart;
  readonly place: Place;
  /** Null: a run without a branch. */
  readonly saver: Saver | null;
  /** What the town accepted as done. Set here; nothing is looked at or pushed for a second call. */
  handedIn: { readonly evidence: DoneEvidence | null } | null;
  /** Settles when no call of `done` is looked at. */
  handingIn: Promise<unknown>;
  /** Remembered beyond this process. */
  readonly noteHandIn: () => Promise<void>;
}

export const makeCaller = (who: Pick<Caller, 'effect' | 'place' | 'saver' | 'noteHandIn'>): Caller => ({
  ...who,
  handedIn: null,
  handingIn: Promise.resolve(),
});

/** One tool call of an agent, checked already: `done` is looked at here before it goes to the town, code is read here when the town said of which rig, and a checkpoint saves the commits too. */
export async function answerCall(around: CallSurroundings, caller: Caller, call: CheckedCall): Promise<Result<ToolAnswer>> {
  if (call.tool === 'done') return handIn(around, caller, call);
  const answer = await ask(around, caller, call, null);
  if (call.tool === 'rig_browse' && answer.ok) return browseRig(around, answer.value, call.args);
  if (call.tool === 'checkpoint' && answer.ok) void caller.saver?.save('checkpoint');
  return answer;
}

/** One hand-in at a time: the end of one that is refused must not let pushes go while another is looked at. */
function handIn(around: CallSurroundings, caller: Caller, call: CheckedCall): Promise<Result<ToolAnswer>> {
  const mine = caller.handingIn.then(() => handInNow(around, caller, call));
  caller.handingIn = mine.catch(() => undefined);
  return mine;
}

async function handInNow(around: CallSurroundings, caller: Caller, call: CheckedCall): Promise<Result<ToolAnswer>> {
  if (caller.handedIn !== null) return ask(around, caller, call, caller.handedIn.evidence);
  await caller.saver?.holdForDone();
  try {
    const evidence = await evidenceOf(around, caller, call.args);
    if (!evidence.ok) {
      tellRefused(around, caller, evidence.failure);
      return evidence;
    }
    const answer = await ask(around, caller, call, evidence.value);
    if (answer.ok) {
      caller.handedIn = { evidence: evidence.value };
      caller.saver?.handedIn();
      await caller.noteHandIn();
    }
    return answer;
  } finally {
    if (caller.handedIn === null) caller.saver?.goOn();
  }
}

/** Not the agent alone is to know that the repository did not take its work (I10). */
function tellRefused({ link }: CallSurroundings, { effect: { runId, generation } }: Caller, { code, message, details }: Failure): void {
  if (details?.['cause'] === undefined) return;
  const { cause, target } = details;
  const told = failure(code, message, { cause, ...(target !== undefined && { target }) });
  void link().report({ kind: 'hand_in.refused', runId, generation, failure: told });
}

function ask(
  { link }: CallSurroundings,
  { effect: { runId, generation } }: Caller,
  { tool, args }: CheckedCall,
  evidence: Parameters<Link['call']>[0]['evidence'],
): Promise<Result<ToolAnswer>> {
  return link().call({ runId, generation, tool, args, evidence });
}

function evidenceOf(
  { git, remotes }: CallSurroundings,
  { effect: { context }, place: { work }, saver }: Caller,
  args: CheckedCall['args'],
): ReturnType<typeof lookAtDone> {
  const target = context.targetBranch ?? context.rig?.defaultBranch ?? null;
  if (work === null || saver === null || target === null) return Promise.resolve(refuse(failure('no_hook')));
  return lookAtDone(git, remotes, work.mirror, {
    worktree: work.worktree,
    targetBranch: target,
    isNew: context.rig?.empty ?? false,
    noChanges: args['no_changes'] === true,
    agentName: context.agent.name,
    beadId: context.bead?.id ?? null,
    push: saver.handIn,
  });
}
