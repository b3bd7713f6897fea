import { z } from 'zod';
import { LIMITS } from './limits.ts';

export type Json = z.core.util.JSONType;

const MOST = LIMITS.jsonDepth.value;
const MOST_NOTE = LIMITS.noteCharacters.value;
/** Whoever walks a value, a serialiser too, walks it as deep as it goes: a value of thousands of levels ends the walker, not the one who sent it. */
function isShallowJson(value: unknown, depth = 0): value is Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth >= MOST) return false;
  return (Array.isArray(value) ? value : Object.values(value)).every((part) => isShallowJson(part, depth + 1));
}
/** What an agent notes down under names of its own. */
export const jsonNote = () =>
  z
    .record(z.string(), json())
    .refine((note) => JSON.stringify(note).length <= MOST_NOTE, `must have at most ${MOST_NOTE} characters as JSON`);

/** Any JSON that is not nested without end. */
export const json = () => z.custom<Json>((value) => isShallowJson(value), `must be JSON, nested at most ${MOST} deep`);
