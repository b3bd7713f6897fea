import type {
  AgentId,
  BeadId,
  ConvoyId,
  EffectId,
  ImportId,
  MailId,
  MergeId,
  MoleculeId,
  NudgeId,
  PermissionId,
  QuarantineId,
  RigId,
  RunId,
  RunnerId,
  TriageId,
} from '@gastown/protocol';
import { ID_PREFIX } from '@gastown/protocol';
import { beadExists } from './beads/store.ts';
import type { Tx } from './tx.ts';

/** Four bytes are readable and are met again among a hundred thousand beads: one that is taken is not given twice (I1). */
function freeId(tx: Tx, prefix: string): string {
  let id = prefix + tx.random(4);
  while (beadExists(tx.sql, id)) id = prefix + tx.random(4);
  return id;
}
/** Ids are minted here only, from the randomness of the moment; the brand is given here. */
export const newRigId = (tx: Tx): RigId => `${ID_PREFIX.rig}${tx.random(4)}` as RigId;
export const newBeadId = (tx: Tx): BeadId => freeId(tx, ID_PREFIX.bead) as BeadId;
export const newAgentId = (tx: Tx): AgentId => freeId(tx, ID_PREFIX.agent) as AgentId;
export const newMergeId = (tx: Tx): MergeId => freeId(tx, ID_PREFIX.merge) as MergeId;
export const newEscalationId = (tx: Tx): BeadId => freeId(tx, ID_PREFIX.escalation) as BeadId;
export const newConvoyId = (tx: Tx): ConvoyId => freeId(tx, ID_PREFIX.convoy) as ConvoyId;
export const newRunId = (tx: Tx): RunId => `${ID_PREFIX.run}${tx.random(6)}` as RunId;
export const newRunnerId = (tx: Tx): RunnerId => `${ID_PREFIX.runner}${tx.random(6)}` as RunnerId;
export const newEffectId = (tx: Tx): EffectId => `${ID_PREFIX.effect}${tx.random(6)}` as EffectId;
export const newQuarantineId = (tx: Tx): QuarantineId => `${ID_PREFIX.quarantine}${tx.random(6)}` as QuarantineId;
export const newTriageId = (tx: Tx): TriageId => freeId(tx, ID_PREFIX.triage) as TriageId;
export const newMailId = (tx: Tx): MailId => freeId(tx, ID_PREFIX.mail) as MailId;
export const newMoleculeId = (tx: Tx): MoleculeId => freeId(tx, ID_PREFIX.molecule) as MoleculeId;
export const newNudgeId = (tx: Tx): NudgeId => `${ID_PREFIX.nudge}${tx.random(6)}` as NudgeId;
export const newPermissionId = (tx: Tx): PermissionId => `${ID_PREFIX.permission}${tx.random(6)}` as PermissionId;
export const newImportId = (tx: Tx): ImportId => `im-${tx.random(4)}`;
/** Agents, merge requests, escalations and convoys are beads too (DM-1): one id, two brands. */
export const asBead = (id: AgentId | MergeId | ConvoyId | TriageId | MailId | MoleculeId | BeadId): BeadId => id as string as BeadId;
