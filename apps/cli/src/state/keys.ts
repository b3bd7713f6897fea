/** The two secrets of a state folder. SEAL_KEY opens every stored key and token: losing it loses them, so a damaged file is never replaced. */
import { randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { z } from 'zod';
import { readIfThere } from './folder.ts';
import { writeAtomically } from './write.ts';

const Keys = z.object({
  /** 32 bytes, base64. */
  sealKey: z.base64().length(44),
  hostKey: z.string().min(32),
});
export type Keys = z.infer<typeof Keys>;

export function openKeys(file: string): Result<Keys> {
  const kept = readKeys(file);
  if (!kept.ok) return kept;
  if (kept.value !== null) {
    chmodSync(file, 0o600);
    return ok(kept.value);
  }
  const keys = { sealKey: randomBytes(32).toString('base64'), hostKey: randomBytes(32).toString('base64url') };
  writeAtomically(file, JSON.stringify(keys));
  return ok(keys);
}

/** Null when none were made yet. */
export function readKeys(file: string): Result<Keys | null> {
  const text = readIfThere(file);
  if (text === null) return ok(null);
  const keys = Keys.safeParse(parsed(text));
  if (keys.success) return ok(keys.data);
  return refuse(
    failure('state_unwritable', `${file} is damaged. Put it back from a copy: without it the stored keys and tokens cannot be opened.`),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return undefined; // refused by the schema
  }
}
