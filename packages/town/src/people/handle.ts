import { failure, ok, refuse, type PersonCommand, type PersonCommandKind, type Result } from '@gastown/protocol';
import { pauseAgent } from '../agents/commands.ts';
import type { SealedSecret } from '../api.ts';
import { createIssue } from '../beads/commands.ts';
import { addDependency, removeDependency } from '../beads/dependencies.ts';
import { asBead } from '../ids.ts';
import { archive, deferIssue, pinIssue, unarchive, unpinIssue } from '../beads/holding.ts';
import { configure, pause, setModelKey, stop } from '../config/commands.ts';
import { updateTown } from '../config/store.ts';
import { closeConvoy } from '../convoys/close.ts';
import {
  addToConvoy,
  archiveConvoy,
  changeConvoy,
  createConvoy,
  pauseConvoy,
  removeFromConvoy,
  startConvoy,
  withMembers,
} from '../convoys/commands.ts';
import { acknowledge } from '../escalations/commands.ts';
import { readMail, sendMail } from '../mail/commands.ts';
import { attachMolecule, detachMolecule } from '../molecules/commands.ts';
import { retryMerge } from '../merges/queue.ts';
import { importBeads } from '../exchange/import.ts';
import { discardBadLines } from '../exchange/quarantine.ts';
import { startBeads } from '../exchange/start.ts';
import { discard } from '../quarantine/commands.ts';
import { discardEffect, retryEffect } from '../outbox/commands.ts';
import { answerPermission } from '../permissions/commands.ts';
import { addRig, changeRig, pauseRig, reconnectRig, removeRig, setRigToken } from '../rigs/commands.ts';
import { addRunner, changeRunner, removeRunner, renewRunnerToken } from '../runners/commands.ts';
import { setLimit } from '../spend/commands.ts';
import { resolveTriage, retryBead } from '../triage/resolve.ts';
import type { Tx } from '../tx.ts';
import { reassign, resetDispatch, setStatus } from './beads.ts';
import { changeAndTell, interruptAgent, nudgeAgent, resetAgent, restartMayor, tellMayor } from './agents.ts';

type Of<K extends PersonCommandKind> = Extract<PersonCommand, { kind: K }>;
/** `quarantine.retry` may be any input, so it belongs to whoever takes them all. */
type Handlers = {
  [K in Exclude<PersonCommandKind, 'quarantine.retry'>]: (tx: Tx, command: Of<K>, secret: SealedSecret | null) => Result<unknown>;
};

/** One catalogue for page, palette, CLI and API: each command of the protocol and what does it. */
const HANDLERS: Handlers = {
  'town.rename': (tx, { name }) => {
    updateTown(tx, { name });
    return ok({});
  },
  'town.pause': (tx) => pause(tx, true),
  'town.stop': stop,
  'town.resume': (tx) => pause(tx, false),
  'town.configure': configure,
  'town.set_model_key': (tx, _command, secret) => setModelKey(tx, secret),
  'rig.add': addRig,
  'rig.update': changeRig,
  'rig.set_token': (tx, { rigId }, secret) => setRigToken(tx, rigId, secret),
  'rig.reconnect': (tx, { rigId }) => reconnectRig(tx, rigId),
  'rig.pause': (tx, { rigId }) => pauseRig(tx, rigId, true),
  'rig.resume': (tx, { rigId }) => pauseRig(tx, rigId, false),
  'rig.remove': (tx, { rigId, force }) => removeRig(tx, rigId, force ?? false),
  'runner.add': addRunner,
  'runner.update': changeRunner,
  'runner.renew_token': (tx, { runnerId }) => renewRunnerToken(tx, runnerId),
  'runner.remove': (tx, { runnerId }) => removeRunner(tx, runnerId),
  'bead.create': createIssue,
  'bead.update': changeAndTell,
  'bead.set_status': setStatus,
  'bead.retry': (tx, { beadId }) => retryBead(tx, beadId),
  'bead.defer': (tx, { beadId, until }) => deferIssue(tx, beadId, until),
  'bead.start': startBeads,
  'beads.import': importBeads,
  'import.discard': discardBadLines,
  'bead.pin': (tx, { beadId }) => pinIssue(tx, beadId),
  'bead.unpin': (tx, { beadId }) => unpinIssue(tx, beadId),
  'bead.archive': (tx, { beadIds, closedIn }) => archive(tx, { beadIds: beadIds && withMembers(tx, beadIds), closedIn }),
  'bead.unarchive': (tx, { beadIds }) => unarchive(tx, withMembers(tx, beadIds)),
  'bead.add_dependency': (tx, wish) => addDependency(tx, { ...wish, type: wish.type ?? 'blocks' }),
  'bead.remove_dependency': (tx, wish) => removeDependency(tx, { ...wish, type: wish.type ?? 'blocks' }),
  'convoy.create': createConvoy,
  'convoy.start': (tx, { convoyId }) => startConvoy(tx, convoyId),
  'convoy.add': (tx, { convoyId, ...wanted }) => addToConvoy(tx, convoyId, wanted),
  'convoy.remove': (tx, { convoyId, beadId }) => removeFromConvoy(tx, convoyId, beadId),
  'convoy.rename': (tx, { convoyId, title }) => changeConvoy(tx, convoyId, { title }),
  'convoy.pause': (tx, { convoyId }) => pauseConvoy(tx, convoyId, true),
  'convoy.resume': (tx, { convoyId }) => pauseConvoy(tx, convoyId, false),
  'convoy.close': (tx, { convoyId, force }) => closeConvoy(tx, convoyId, force ?? false),
  'convoy.archive': (tx, { convoyId }) => archiveConvoy(tx, convoyId),
  'convoy.unarchive': (tx, { convoyId }) => unarchive(tx, withMembers(tx, [asBead(convoyId)])),
  'mayor.tell': (tx, { text }) => tellMayor(tx, text),
  'mayor.restart': restartMayor,
  'agent.nudge': (tx, { agentId, text, mode }) => nudgeAgent(tx, agentId, text, mode ?? 'wait-idle'),
  'agent.interrupt': (tx, { agentId }) => interruptAgent(tx, agentId),
  'agent.reset': (tx, { agentId }) => resetAgent(tx, agentId),
  'agent.pause': (tx, { agentId }) => pauseAgent(tx, agentId, true),
  'agent.resume': (tx, { agentId }) => pauseAgent(tx, agentId, false),
  'merge.retry': (tx, { mergeId }) => retryMerge(tx, mergeId),
  'escalation.acknowledge': (tx, { escalationId, note }) => acknowledge(tx, escalationId, note ?? null),
  'spend.limit': setLimit,
  'permission.answer': answerPermission,
  'triage.resolve': resolveTriage,
  'mail.send': sendMail,
  'mail.read': readMail,
  'molecule.attach': attachMolecule,
  'molecule.detach': detachMolecule,
  'bead.reassign': reassign,
  'dispatch.reset': resetDispatch,
  'effect.retry': (tx, { effectId }) => retryEffect(tx, effectId),
  'quarantine.discard': (tx, { quarantineId }) => discard(tx, quarantineId),
  'effect.discard': (tx, { effectId }) => discardEffect(tx, effectId),
};

type Plain = Extract<PersonCommand, { kind: keyof Handlers }>;
export function handlePerson(tx: Tx, command: Plain, secret: SealedSecret | null): Result<unknown> {
  const handler = HANDLERS[command.kind] as ((tx: Tx, command: Plain, secret: SealedSecret | null) => Result<unknown>) | undefined;
  return handler ? handler(tx, command, secret) : refuse(failure('unknown_command', `There is no command ${String(command.kind)}.`));
}
