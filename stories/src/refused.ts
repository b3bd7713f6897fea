import type { FailureCode } from '@gastown/protocol';
import type { Replica } from './replica.ts';
import type { Telling } from './telling.ts';

export type Refusal = { ok: boolean; failure?: { code: string; message: string }; next?: string };

/** What is refused names its code and a reason, and not one row of the town changed. */
export async function refused(
  telling: Telling,
  replica: Replica,
  what: string,
  code: FailureCode,
  act: () => Promise<Refusal>,
): Promise<void> {
  const before = await replica.serverRows();
  const answer = await act();
  const said = answer.ok ? 'it was taken' : `${answer.failure?.code}: ${answer.failure?.message}`;
  telling.check(
    `${what} → ${code} (${said})`,
    !answer.ok && answer.failure?.code === code && answer.failure.message.length > 0 && (await replica.serverRows()) === before,
  );
  telling.counts['cases'] = (telling.counts['cases'] ?? 0) + 1;
}
