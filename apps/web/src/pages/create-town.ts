import type { TownInfo } from '@gastown/protocol';
import { api } from '../api.ts';
import type { Refusal } from '../commands/use-command.ts';
import { queryClient } from '../queries.ts';

export type { Refusal };

export async function createTown(name: string): Promise<{ ok: true; town: TownInfo } | { ok: false; refusal: Refusal }> {
  const answer = await api.createTown(name);
  if (!answer.ok) return { ok: false, refusal: { code: answer.failure.code, message: answer.failure.message, next: answer.next } };
  queryClient.setQueryData<TownInfo[]>(['towns'], (known) => [
    ...(known ?? []).filter((town) => town.id !== answer.value.id),
    answer.value,
  ]);
  return { ok: true, town: answer.value };
}
