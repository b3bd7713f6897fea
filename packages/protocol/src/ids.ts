import { z } from 'zod';
import { whatIsWrong } from './wrong.ts';

/** Every schema says what is wrong in the same plain words; set here, since whatever has a schema has ids. */
z.config({ customError: whatIsWrong });

/** Branded ids: two kinds of id cannot be swapped (style §9). Every id is unique within its town. */
const id = <B extends string>(pattern: RegExp, of: string, example: string) =>
  z.string().regex(pattern, `must be the id of ${of}, ${example} say`).brand<B>();

/** `k3v9q0t2m4xa`: 12 characters of 0-9a-z. */
export const TownId = id<'TownId'>(/^[0-9a-z]{12}$/, 'a town', 'k3v9q0t2m4xa');
export type TownId = z.infer<typeof TownId>;

/** `rig-1a2b3c4d` */
export const RigId = id<'RigId'>(/^rig-[0-9a-f]{8}$/, 'a rig', 'rig-1a2b3c4d');
export type RigId = z.infer<typeof RigId>;

/** `gt-1a2b3c4d` for work; `mr-`, `ag-`, `es-`, `cv-` for merge requests, agents, escalations and convoys, which are beads too (DM-1). Imported beads keep foreign ids. */
export const BeadId = id<'BeadId'>(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a bead', 'gt-1a2b3c4d');
export type BeadId = z.infer<typeof BeadId>;

/** The name of an agent program in the catalogue of runners (`kilo`); a machine may have more than we know. */
export const AgentKind = z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,39}$/, 'must be the name of an agent program, kilo say');

/** What a dependency points to: a bead, or something outside this town that a person says is settled by removing the edge. */
const External = z.string().regex(/^external:[^\s\p{C}]{1,200}$/u);
export const DependencyTarget = z.union(
  [BeadId, External],
  'must be the id of a bead, or external: and an address of at most 200 characters',
);

/** The bead id of an agent (`ag-1a2b3c4d`). */
export const AgentId = id<'AgentId'>(/^ag-[0-9a-f]{8}$/, 'an agent', 'ag-1a2b3c4d');
export type AgentId = z.infer<typeof AgentId>;

/** The bead id of a merge request (`mr-1a2b3c4d`). */
export const MergeId = id<'MergeId'>(/^mr-[0-9a-f]{8}$/, 'a merge request', 'mr-1a2b3c4d');
export type MergeId = z.infer<typeof MergeId>;

/** The bead id of a convoy (`cv-1a2b3c4d`). */
export const ConvoyId = id<'ConvoyId'>(/^cv-[0-9a-f]{8}$/, 'a convoy', 'cv-1a2b3c4d');
export type ConvoyId = z.infer<typeof ConvoyId>;

/** One attempt of one agent: `run-` and 12 hex digits. */
export const RunId = id<'RunId'>(/^run-[0-9a-f]{12}$/, 'a run', 'run-1a2b3c4d5e6f');
export type RunId = z.infer<typeof RunId>;

/** A runner: `home` is the container's, which every town has; a machine's is `rn-` and 12 hex digits, and is never given again. */
export const RunnerId = id<'RunnerId'>(/^(home|rn-[0-9a-f]{12})$/, 'a runner', 'rn-1a2b3c4d5e6f');
export type RunnerId = z.infer<typeof RunnerId>;
export const HOME_RUNNER = RunnerId.parse('home');

/** One effect to be performed outside the town: `ef-` and 12 hex digits. */
export const EffectId = id<'EffectId'>(/^ef-[0-9a-f]{12}$/, 'an effect', 'ef-1a2b3c4d5e6f');
export type EffectId = z.infer<typeof EffectId>;

/** A message into an agent's session: `nu-` and 12 hex digits. */
export const NudgeId = id<'NudgeId'>(/^nu-[0-9a-f]{12}$/, 'a message to an agent', 'nu-1a2b3c4d5e6f');
export type NudgeId = z.infer<typeof NudgeId>;

/** An input over which the town broke: `qu-` and 12 hex digits. */
export const QuarantineId = id<'QuarantineId'>(/^qu-[0-9a-f]{12}$/, 'an input in quarantine', 'qu-1a2b3c4d5e6f');
export type QuarantineId = z.infer<typeof QuarantineId>;
/** A request that a patrol made, to be answered once: `tr-` and 8 hex digits; a bead (DM-1). */
export const TriageId = id<'TriageId'>(/^tr-[0-9a-f]{8}$/, 'a triage request', 'tr-1a2b3c4d');
export type TriageId = z.infer<typeof TriageId>;

/** A message that stays until it is read: `ml-` and 8 hex digits; a bead (DM-1). */
export const MailId = id<'MailId'>(/^ml-[0-9a-f]{8}$/, 'a mail', 'ml-1a2b3c4d');
export type MailId = z.infer<typeof MailId>;

/** A written way of working on one bead: `mo-` and 8 hex digits; a bead (DM-1). */
export const MoleculeId = id<'MoleculeId'>(/^mo-[0-9a-f]{8}$/, 'a molecule', 'mo-1a2b3c4d');
export type MoleculeId = z.infer<typeof MoleculeId>;

/** A question for permission that an agent asks a person: `pm-` and 12 hex digits. */
export const PermissionId = id<'PermissionId'>(/^pm-[0-9a-f]{12}$/, 'a question for permission', 'pm-1a2b3c4d5e6f');
export type PermissionId = z.infer<typeof PermissionId>;

/** Fencing number of a bead's (or, for the Mayor, an agent's) runs; an act with an older one changes nothing (I2). */
export const Generation = z.number().int().positive().brand<'Generation'>();
export type Generation = z.infer<typeof Generation>;

/** A full git object id. */
export const Sha = z.string().regex(/^[0-9a-f]{40}$/, 'must be the whole id of a commit: 40 digits and letters from a to f');
export type Sha = z.infer<typeof Sha>;

export const ID_PREFIX = {
  rig: 'rig-',
  bead: 'gt-',
  agent: 'ag-',
  merge: 'mr-',
  escalation: 'es-',
  convoy: 'cv-',
  run: 'run-',
  runner: 'rn-',
  effect: 'ef-',
  nudge: 'nu-',
  quarantine: 'qu-',
  triage: 'tr-',
  mail: 'ml-',
  molecule: 'mo-',
  permission: 'pm-',
} as const;

/** The 8 characters of a bead id that branch names and cards show (DM-14). */
export const shortId = (beadId: string): string => beadId.replace(/^[a-z]+-/, '').slice(0, 8);
