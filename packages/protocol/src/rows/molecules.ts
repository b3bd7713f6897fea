import { z } from 'zod';
import { BeadId, MoleculeId } from '../ids.ts';
import { time } from './time.ts';

/** `ready`: what it needs is done, so it is next. */
export const StepRow = z.object({
  id: z.string(),
  title: z.string(),
  text: z.string(),
  needs: z.array(z.string()),
  state: z.enum(['waiting', 'ready', 'done']),
  summary: z.string().nullable(),
  doneAt: time.nullable(),
});
export type StepRow = z.infer<typeof StepRow>;

/** A written way of working on one bead, and how far it is. */
export const MoleculeRow = z.object({
  id: MoleculeId,
  beadId: BeadId,
  title: z.string(),
  steps: z.array(StepRow),
  done: z.number().int(),
  createdAt: time,
  closedAt: time.nullable(),
});
export type MoleculeRow = z.infer<typeof MoleculeRow>;
