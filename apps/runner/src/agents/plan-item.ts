import { z } from 'zod';
import type { TranscriptItem } from '@gastown/protocol';

type Plan = Extract<TranscriptItem, { kind: 'plan' }>;

const state = z.enum(['pending', 'in_progress', 'completed']).catch('pending');
const Todos = z.looseObject({ todos: z.array(z.looseObject({ content: z.string(), status: state })) });
const Steps = z.looseObject({ plan: z.array(z.looseObject({ step: z.string(), status: state })) });

/** Tools by which agents keep a plan; not all of them tell it as a plan too. */
const PLANNERS: ReadonlySet<string> = new Set(['todowrite', 'TodoWrite', 'update_plan']);

export const planItem = (runId: string, at: number, entries: Plan['entries']): Plan => ({
  id: `${runId}-plan`,
  runId,
  at,
  kind: 'plan',
  entries,
});

/** The plan that a finished call of such a tool wrote down; null for any other. */
export function planOf(item: Extract<TranscriptItem, { kind: 'tool' }>): Plan | null {
  if (item.state !== 'completed' || !PLANNERS.has(item.tool)) return null;
  const todos = Todos.safeParse(item.input).data?.todos.map(({ content, status }) => ({ text: content, state: status }));
  const steps = Steps.safeParse(item.input).data?.plan.map(({ step, status }) => ({ text: step, state: status }));
  const entries = todos ?? steps;
  return entries === undefined ? null : planItem(item.runId, item.endedAt ?? item.at, entries);
}
