import { BeadId } from '@gastown/protocol';

/** The id of a bead that is typed where one searches; null for words. A hyphen stands between its prefix and the rest. */
export function idIn(query: string): BeadId | null {
  const id = BeadId.safeParse(query.trim());
  return id.success && /.-./.test(id.data) ? id.data : null;
}
