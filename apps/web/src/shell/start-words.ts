import { money, type LimitFigures, type TownRow } from '@gastown/protocol';

/** What bounds the spend of what is about to start, in words (I9). */
export function boundWords({ scripted }: Pick<TownRow, 'scripted'>, limit: LimitFigures | undefined): string {
  if (scripted) return 'It is a rehearsal: no model is called and no money is spent.';
  const most = limit?.hardMicros ?? limit?.softMicros ?? null;
  if (!limit || most === null) return 'It spends money, and the town has no limit: agents go on until all of it is done.';
  const stops = limit.hardMicros === null ? 'nothing new starts' : 'agents are stopped';
  return `It spends money: ${money(limit.spentMicros)} of the town’s limit of ${money(most)} is spent; when it is reached, ${stops}.`;
}
