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
  QuarantineId,
  RigId,
  RunId,
  TriageId,
} from '@gastown/protocol';
import { ID_PREFIX } from '@gastown/protocol';
import type { Tx } from './tx.ts';

/** Ids are minted here only, from the randomness of the moment; the brand is given here. */
export const newRigId = (tx: Tx): RigId => `${ID_PREFIX.rig}${tx.random(4)}` as RigId;
export const newBeadId = (tx: Tx): BeadId => `${ID_PREFIX.bead}${tx.random(4)}` as BeadId;
export const newAgentId = (tx: Tx): AgentId => `${ID_PREFIX.agent}${tx.random(4)}` as AgentId;
export const newMergeId = (tx: Tx): MergeId => `${ID_PREFIX.merge}${tx.random(4)}` as MergeId;
export const newEscalationId = (tx: Tx): BeadId => `${ID_PREFIX.escalation}${tx.random(4)}` as BeadId;
export const newConvoyId = (tx: Tx): ConvoyId => `${ID_PREFIX.convoy}${tx.random(4)}` as ConvoyId;
export const newRunId = (tx: Tx): RunId => `${ID_PREFIX.run}${tx.random(6)}` as RunId;
export const newEffectId = (tx: Tx): EffectId => `${ID_PREFIX.effect}${tx.random(6)}` as EffectId;
export const newQuarantineId = (tx: Tx): QuarantineId => `${ID_PREFIX.quarantine}${tx.random(6)}` as QuarantineId;
export const newTriageId = (tx: Tx): TriageId => `${ID_PREFIX.triage}${tx.random(4)}` as TriageId;
export const newMailId = (tx: Tx): MailId => `${ID_PREFIX.mail}${tx.random(4)}` as MailId;
export const newMoleculeId = (tx: Tx): MoleculeId => `${ID_PREFIX.molecule}${tx.random(4)}` as MoleculeId;
export const newNudgeId = (tx: Tx): NudgeId => `${ID_PREFIX.nudge}${tx.random(6)}` as NudgeId;
export const newImportId = (tx: Tx): ImportId => `im-${tx.random(4)}`;
/** Agents, merge requests, escalations and convoys are beads too (DM-1): one id, two brands. */
export const asBead = (id: AgentId | MergeId | ConvoyId | TriageId | MailId | MoleculeId | BeadId): BeadId => id as string as BeadId;
