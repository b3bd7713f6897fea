import type { z } from 'zod';
import { AgentRow } from './agents.ts';
import { BeadRow } from './beads.ts';
import { ConvoyRow } from './convoys.ts';
import { EscalationRow } from './escalations.ts';
import { EventRow } from './events.ts';
import { MailRow } from './mail.ts';
import { MergeRow } from './merges.ts';
import { MoleculeRow } from './molecules.ts';
import { NudgeRow } from './nudges.ts';
import { ParkedEffectRow } from './parked.ts';
import { PermissionRow } from './permissions.ts';
import { QuarantineRow } from './quarantine.ts';
import { RigRow } from './rigs.ts';
import { RunnerRow } from './runners.ts';
import { RunRow } from './runs.ts';
import { LimitRow } from './spend-limits.ts';
import { TownRow } from './town.ts';
import { TriageRow } from './triage.ts';

/** The replica's tables, in the order in which a snapshot lists them. */
export const TABLES = {
  town: TownRow,
  rigs: RigRow,
  beads: BeadRow,
  agents: AgentRow,
  runs: RunRow,
  merges: MergeRow,
  nudges: NudgeRow,
  escalations: EscalationRow,
  triage: TriageRow,
  mail: MailRow,
  molecules: MoleculeRow,
  events: EventRow,
  parked: ParkedEffectRow,
  limits: LimitRow,
  quarantine: QuarantineRow,
  convoys: ConvoyRow,
  permissions: PermissionRow,
  runners: RunnerRow,
} as const;
export type TableName = keyof typeof TABLES;
export type RowOf<T extends TableName> = z.infer<(typeof TABLES)[T]>;
export type Tables = { [T in TableName]: RowOf<T>[] };
export const TABLE_NAMES = Object.keys(TABLES) as TableName[];
