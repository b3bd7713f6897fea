import { z } from 'zod';
import { json } from './json.ts';

/** What an agent gets back: a one-line summary first, then data (a text is given as it is). `links` name the objects that the page's tool card links to. */
export const ToolAnswer = z.object({
  summary: z.string(),
  data: json(),
  links: z.array(z.object({ kind: z.enum(['bead', 'agent', 'run', 'merge', 'rig', 'escalation', 'convoy']), id: z.string() })),
});
export type ToolAnswer = z.infer<typeof ToolAnswer>;
