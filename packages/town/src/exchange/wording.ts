import { LIMITS } from '@gastown/protocol';

/** What of a line cannot be read. `why` goes on after the name of the field: what was expected, what stands there, and what to do. */
export interface Unreadable {
  readonly field: string;
  readonly why: string;
}

/** In characters, and of a list in elements. */
export const SIZES = { status: 60, label: 200, labels: 200, createdBy: 200 } as const;

const body = `a text of at most ${LIMITS.bodyCharacters.value} characters`;
const time = 'a time like 2026-01-31T12:00:00Z';
const flag = 'true or false';
const EXPECTED: Readonly<Record<string, string>> = {
  id: 'letters, digits, dots, dashes and underscores, at most 64, the first a letter or digit',
  title: 'a text',
  description: body,
  design: body,
  acceptance_criteria: body,
  notes: body,
  status: `a lower-case word of at most ${SIZES.status} letters, such as open`,
  priority: 'a whole number from 0 (critical) to 4',
  issue_type: 'a lower-case word of at most 40 letters, such as task',
  labels: `a list of at most ${SIZES.labels} texts of at most ${SIZES.label} characters each`,
  created_at: time,
  updated_at: time,
  closed_at: time,
  defer_until: time,
  created_by: `a text of at most ${SIZES.createdBy} characters`,
  pinned: flag,
  ephemeral: flag,
  wisp: flag,
  no_history: flag,
  dependencies: `a list of at most ${LIMITS.importEdges.value} objects with depends_on_id`,
};

/** Where leaving it out is no way, or means more than one would think. */
const REMEDIES: Readonly<Record<string, string>> = {
  title: 'correct it.',
  priority: 'correct it; a line without a priority is critical (0).',
};

/** `path`: where in the line the first value stands that is not as expected. */
export function unexpected(said: object, [key = 'line', ...inside]: readonly PropertyKey[]): Unreadable {
  const field = String(key);
  const value = (said as Readonly<Record<string, unknown>>)[field];
  if (field === 'title' && (value === undefined || value === null)) return { field, why: 'is missing: every bead needs one; write one.' };
  const [at] = inside;
  const stands =
    typeof at === 'number' && Array.isArray(value) ? `its element ${at + 1} is ${shown(value[at] as unknown)}` : `is ${shown(value)}`;
  const remedy = REMEDIES[field] ?? 'correct it, or leave the field out.';
  return { field, why: `must be ${EXPECTED[field] ?? 'something else'}, and ${stands}: ${remedy}` };
}

const SHOWN = 40;
function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= SHOWN ? text : typeof value === 'string' ? `a text of ${value.length} characters` : `${text.slice(0, SHOWN)}…`;
}
