import { z } from 'zod';
import { TABLES } from './rows/tables.ts';

/**
 * One socket per browser and town: `GET /api/towns/:town/live`. The client says the last revision it holds; the town answers with a snapshot or the
 * rows since, then pushes deltas. A frame's `rev` is the town's revision after it. `epoch` changes when the town's store was replaced: start over.
 * Frames are applied whole. Keep-alive: the client may send the text `ping`, answered `pong` without waking the town.
 */
export const ClientHello = z.object({
  t: z.literal('hello'),
  rev: z.number().int().nonnegative().nullable(),
  epoch: z.string().nullable(),
});
export type ClientHello = z.infer<typeof ClientHello>;

const rowsOf = <R extends z.ZodType>(row: R) => z.array(row).optional();
const Put = z.object({
  town: rowsOf(TABLES.town),
  rigs: rowsOf(TABLES.rigs),
  beads: rowsOf(TABLES.beads),
  agents: rowsOf(TABLES.agents),
  runs: rowsOf(TABLES.runs),
  merges: rowsOf(TABLES.merges),
  nudges: rowsOf(TABLES.nudges),
  escalations: rowsOf(TABLES.escalations),
  triage: rowsOf(TABLES.triage),
  mail: rowsOf(TABLES.mail),
  molecules: rowsOf(TABLES.molecules),
  events: rowsOf(TABLES.events),
  parked: rowsOf(TABLES.parked),
  limits: rowsOf(TABLES.limits),
  quarantine: rowsOf(TABLES.quarantine),
  convoys: rowsOf(TABLES.convoys),
  permissions: rowsOf(TABLES.permissions),
  runners: rowsOf(TABLES.runners),
});
/** Are there closed beads, or archived ones among them, that are older than those of the snapshot? Where nobody looked that far back, they may be. */
export const LeftOut = z.object({ closed: z.boolean(), archived: z.boolean() });
export type LeftOut = z.infer<typeof LeftOut>;
/** `put` replaces rows by id; `drop` lists ids that are gone. */
export const Snapshot = z.object({ t: z.literal('snapshot'), rev: z.number().int(), epoch: z.string(), put: Put, leftOut: LeftOut });
export const Delta = z.object({
  t: z.literal('delta'),
  rev: z.number().int(),
  epoch: z.string(),
  put: Put,
  drop: z.partialRecord(
    z.enum(Object.keys(TABLES) as [keyof typeof TABLES, ...(keyof typeof TABLES)[]]),
    z.array(z.union([z.string(), z.number()])),
  ),
});
export const ServerFrame = z.discriminatedUnion('t', [Snapshot, Delta]);
export type Snapshot = z.infer<typeof Snapshot>;
export type Delta = z.infer<typeof Delta>;
export type ServerFrame = z.infer<typeof ServerFrame>;
