import { failure, ok, refuse, TOOLS, toolLabel, type Result, type ToolAnswer, type ToolArgs, type ToolName } from '@gastown/protocol';
import { findAgent } from '../agents/store.ts';
import { renewRun } from '../runs/reports.ts';
import { findRun } from '../runs/store.ts';
import type { Tx } from '../tx.ts';
import { parseArgs } from './args.ts';
import type { Caller, ToolCommand } from './caller.ts';
import {
  convoyAddBead,
  convoyClose,
  convoyRemoveBead,
  convoyStart,
  convoyStatus,
  convoyUpdate,
  listConvoys,
  slingBatch,
} from './convoys.ts';
import { done } from './done.ts';
import { checkpoint, escalateTool, prime, beadClose } from './own.ts';
import { pauseTool } from './pause.ts';
import { beadStatus, listAgents, listBeads, listRigs, ready, rigBrowse } from './reading.ts';
import {
  triageResolve,
  addDependencyTool,
  agentReset,
  beadArchive,
  beadFail,
  beadReassign,
  beadUnarchive,
  beadUpdate,
  dispatchReset,
  escalationAcknowledge,
  removeDependencyTool,
} from './mayor.ts';
import { mailCheck, mailSend, nudge } from './mail.ts';
import { molAdvance, molAttach, molCurrent } from './molecules.ts';
import { sling } from './sling.ts';

type Tool<T extends ToolName> = (tx: Tx, caller: Caller, args: ToolArgs<T>) => Result<ToolAnswer>;

const HANDLERS: { [T in ToolName]: Tool<T> } = {
  list_rigs: listRigs,
  rig_browse: rigBrowse,
  list_beads: listBeads,
  list_agents: listAgents,
  bead_status: beadStatus,
  sling,
  sling_batch: slingBatch,
  list_convoys: listConvoys,
  convoy_status: convoyStatus,
  convoy_start: convoyStart,
  convoy_close: convoyClose,
  convoy_add_bead: convoyAddBead,
  convoy_remove_bead: convoyRemoveBead,
  convoy_update: convoyUpdate,
  pause: pauseTool,
  prime,
  done,
  checkpoint,
  escalate: escalateTool,
  triage_resolve: triageResolve,
  mail_send: mailSend,
  mail_check: mailCheck,
  nudge,
  mol_current: molCurrent,
  mol_advance: molAdvance,
  mol_attach: molAttach,
  ready,
  bead_update: beadUpdate,
  bead_reassign: beadReassign,
  bead_fail: beadFail,
  bead_close: beadClose,
  bead_archive: beadArchive,
  bead_unarchive: beadUnarchive,
  bead_add_dependency: addDependencyTool,
  bead_remove_dependency: removeDependencyTool,
  agent_reset: agentReset,
  escalation_acknowledge: escalationAcknowledge,
  dispatch_reset: dispatchReset,
};

/** An agent's call: fenced by run and generation (I2), allowed by role (TL-1), checked at the border (TL-4). */
export function handleTool(tx: Tx, command: ToolCommand): Result<ToolAnswer> {
  const caller = callerOf(tx, command);
  if (!caller.ok) return caller;
  const answer = call(tx, command.tool, caller.value, command.args);
  const run = findRun(tx.sql, command.runId);
  if (answer.ok && run && run.state !== 'ended') renewRun(tx, run);
  return answer;
}

export function callerOf(tx: Tx, command: ToolCommand): Result<Caller> {
  const run = findRun(tx.sql, command.runId);
  const agent = run && findAgent(tx.sql, run.agentId);
  /** A call that a runner passes on is of a run that it holds. */
  if (!run || !agent || (command.runnerId && command.runnerId !== run.runnerId))
    return refuse(failure('unknown_run', `There is no run ${command.runId}.`));
  if (run.generation !== command.generation) return refuse(failure('stale_generation'));
  return run.state === 'ended' ? refuse(failure('run_over')) : ok({ run, agent, evidence: command.evidence });
}

function call<T extends ToolName>(tx: Tx, tool: T, caller: Caller, args: unknown): Result<ToolAnswer> {
  if (!Object.hasOwn(TOOLS, tool)) return refuse(failure('unknown_tool', `There is no tool ${String(tool)}.`));
  const { roles } = TOOLS[tool];
  if (!(roles as readonly string[]).includes(caller.agent.role)) {
    const message = `${toolLabel(tool)} is for the ${roles.join(', ')}; you are a ${caller.agent.role}.`;
    return refuse(failure('wrong_role', message, { roles: [...roles], role: caller.agent.role }));
  }
  const parsed = parseArgs(tool, args);
  return parsed.ok ? HANDLERS[tool](tx, caller, parsed.value) : parsed;
}
