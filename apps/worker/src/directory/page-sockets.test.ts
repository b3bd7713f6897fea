import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { noteSocket, owedClosings } from './page-sockets.ts';
import { endSession } from './users.ts';
import { signIn } from '../../test/client.ts';

/** The directory, which counts the rows that are written there. */
function counted() {
  let rows = 0;
  const batch = async (statements: D1PreparedStatement[]) => {
    const results = await env.DB.batch(statements);
    for (const { meta } of results) rows += meta.rows_written;
    return results;
  };
  return { db: { prepare: (sql: string) => env.DB.prepare(sql), batch } as unknown as D1Database, written: () => rows };
}
const HOUR_MS = 3_600_000;

it('a place where a session has sockets is written once, however many it opens there, and again an hour later (WS-17)', async () => {
  const cookie = await signIn();
  const { hash: session } = (await env.DB.prepare('SELECT hash FROM sessions ORDER BY rowid DESC').first<{ hash: string }>())!;
  const { db, written } = counted();
  const now = Date.now();
  const open = (agentId: string | null, at: number) => noteSocket(db, { session, townId: 'town-1', agentId }, at);
  expect([await open(null, now), await open('ag-1', now), written()]).toEqual([true, true, 2]);
  for (let n = 0; n < 5; n += 1) expect([await open(null, now + n), await open('ag-1', now + n)]).toEqual([true, true]);
  expect(written()).toBe(2);
  expect([await open('ag-1', now + HOUR_MS), written()]).toEqual([true, 3]);
  await endSession(env.DB, cookie.split('=')[1]!);
  expect([await open(null, now + 2 * HOUR_MS), await open('ag-2', now), written()]).toEqual([false, false, 3]);
  expect((await owedClosings(env.DB, 10)).filter((owed) => owed.session === session).map(({ agentId }) => agentId)).toEqual(['ag-1', null]);
});
