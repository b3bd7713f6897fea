import { ApiRefusal } from '@gastown/protocol';
import type { Failure } from '@gastown/protocol';

/** What the town says where it refuses; null where the answer broke off, or somebody else gave it. */
export function refusalIn(text: string): Failure | null {
  try {
    return ApiRefusal.safeParse(JSON.parse(text)).data?.failure ?? null;
  } catch {
    return null;
  }
}
