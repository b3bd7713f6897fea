/**
 * The two secrets of a state folder. SEAL_KEY opens every stored key and token: losing it loses them. So keys are made where there is no state
 * yet, and otherwise only when a person says so; a damaged file is set aside, never overwritten.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, renameSync } from 'node:fs';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Failure, Result } from '@gastown/protocol';
import { z } from 'zod';
import { jsonOf } from '../json.ts';
import { readIfThere } from './folder.ts';
import type { StateFolder } from './folder.ts';
import { writeAtomically } from './write.ts';

const Keys = z.object({
  /** 32 bytes, base64. */
  sealKey: z.base64().length(44),
  hostKey: z.string().min(32),
});
export type Keys = z.infer<typeof Keys>;

type Place = Pick<StateFolder, 'keys' | 'workers'>;

/** `anew`: a person wants new keys where the old ones are lost; keys that are whole stay. */
export function openKeys(place: Place, anew = false): Result<Keys> {
  const kept = checkKeys(place);
  if (kept.ok && kept.value !== null) {
    chmodSync(place.keys, 0o600);
    return ok(kept.value);
  }
  if (!kept.ok && !anew) return kept;
  if (existsSync(place.keys)) setAside(place.keys);
  const keys = { sealKey: randomBytes(32).toString('base64'), hostKey: randomBytes(32).toString('base64url') };
  keepKeys(place.keys, keys);
  return ok(keys);
}

/** Writes them where they are not: at the start, and at the end of a launcher under which the file was deleted. */
export function keepKeys(file: string, keys: Keys): void {
  if (!existsSync(file)) writeAtomically(file, JSON.stringify(keys));
}

/** Null where there need be none yet. */
export function checkKeys(place: Place): Result<Keys | null> {
  const kept = readKeys(place.keys);
  return kept.ok && kept.value === null && hasState(place) ? refuse(keysGone(place.keys)) : kept;
}

/** Null when there is no file. */
export function readKeys(file: string): Result<Keys | null> {
  const text = readIfThere(file);
  if (text === null) return ok(null);
  const keys = Keys.safeParse(jsonOf(text));
  return keys.success
    ? ok(keys.data)
    : refuse(failure('keys_lost', `${file} is damaged: without it the stored tokens and model keys cannot be opened.`));
}

const keysGone = (file: string): Failure =>
  failure('keys_lost', `${file} is gone, but towns are kept beside it: without it their stored tokens and model keys cannot be opened.`);

/** The databases are written only by a Worker that was given keys. */
const hasState = ({ workers }: Place): boolean => existsSync(workers) && readdirSync(workers).length > 0;

function setAside(file: string): void {
  for (let at = 1; ; at++) {
    const aside = `${file}.damaged-${at}`;
    if (!existsSync(aside)) return renameSync(file, aside);
  }
}
