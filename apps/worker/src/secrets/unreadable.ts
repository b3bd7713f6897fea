import type { UnreadableSecrets } from '@gastown/protocol';
import type { Town } from '@gastown/town';
import { unseal } from './seal.ts';

/** Which of a town's sealed secrets the key does not open; null when it opens all. They stay as they are: the lost key may be found. */
export async function unreadableOf(
  sealKey: string,
  townId: string,
  { rigs, modelKey }: ReturnType<Town['sealedSecrets']>,
): Promise<Omit<UnreadableSecrets, 'town'> | null> {
  const closed: string[] = [];
  for (const { name, sealed } of rigs) if ((await unseal(sealKey, townId, 'rig-token', sealed)) === null) closed.push(name);
  const keyClosed = modelKey !== null && (await unseal(sealKey, townId, 'model-key', modelKey)) === null;
  return closed.length === 0 && !keyClosed ? null : { rigs: closed, modelKey: keyClosed };
}
