import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { CONVERSATION_HEADER, LIMITS, type ConversationInfo } from '@gastown/protocol';
import { describe, expect, it } from 'vitest';
import { randomHex } from '../secrets/bytes.ts';
import { giveConversation, keepConversation } from './conversation-routes.ts';

const agent = () => env.AGENT.get(env.AGENT.idFromName(`town/${randomHex(4)}`));
type Agent = ReturnType<typeof agent>;
const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const bytesOf = (size: number, seed = 7): Uint8Array<ArrayBuffer> => Uint8Array.from({ length: size }, (_, at) => (at * 31 + seed) % 251);
async function infoOf(bytes: Uint8Array<ArrayBuffer>, changes: Partial<ConversationInfo> = {}): Promise<ConversationInfo> {
  const sha256 = hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
  return { sessionId: 's1', agentKind: 'kilo', generation: 1, extent: bytes.byteLength, sha256, at: 1, ...changes };
}
const keep = async (to: Agent, bytes: Uint8Array<ArrayBuffer>, changes: Partial<ConversationInfo> = {}) => {
  const headers = { [CONVERSATION_HEADER]: JSON.stringify(await infoOf(bytes, changes)) };
  return keepConversation(to, new Request('https://town.test/', { method: 'POST', body: bytes, headers }));
};
const give = (of: Agent, query = '') => giveConversation(of, new Request(`https://town.test/${query}`));
const storedIn = (of: Agent) =>
  runInDurableObject(of as unknown as DurableObjectStub, (_object, { storage }) =>
    storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .toArray()
      .map(({ name }) => name),
  );

describe('the conversation of an agent (DR-20 to DR-22)', () => {
  it('is given back as it was, in pieces that fit the platform, also after sleep; the newest is the one', async () => {
    const of = agent();
    const [first, second] = [bytesOf(2_500_000), bytesOf(1_900_001, 3)];
    expect((await keep(of, first)).status).toBe(200);
    await keep(of, second, { sessionId: 's2', extent: 5 });
    await evictDurableObject(of as unknown as DurableObjectStub);
    const given = await give(of);
    expect(JSON.parse(given.headers.get(CONVERSATION_HEADER)!)).toMatchObject({ sessionId: 's2', extent: 5 });
    expect(hex(new Uint8Array(await given.arrayBuffer())) === hex(second)).toBe(true);
    const pieces = await runInDurableObject(of as unknown as DurableObjectStub, (_object, { storage }) =>
      storage.sql.exec<{ n: number; most: number }>('SELECT count(*) AS n, max(length(bytes)) AS most FROM conversation_pieces').one(),
    );
    expect(pieces).toEqual({ n: 3, most: 900_000 });
    const info = await give(of, '?only=info');
    expect([info.status, (await info.arrayBuffer()).byteLength]).toEqual([200, 0]);
  });

  it('is not replaced by one that broke off, is larger than the limit, or is not what it says', async () => {
    const of = agent();
    await keep(of, bytesOf(1_000));
    await expect(keep(of, bytesOf(900), { sha256: '0'.repeat(64) })).rejects.toMatchObject({ failure: { code: 'invalid_input' } });
    await expect(keep(of, bytesOf(900), { sha256: 'no' })).rejects.toMatchObject({ failure: { code: 'invalid_input' } });
    await expect(keep(of, bytesOf(LIMITS.conversationBytes.value + 1))).rejects.toMatchObject({ failure: { code: 'too_large' } });
    expect((await (await give(of)).arrayBuffer()).byteLength).toBe(1_000);
  }, 60_000);

  it('is not replaced by less of the same session, nor by a run that was replaced itself (I3)', async () => {
    const of = agent();
    await keep(of, bytesOf(1_000), { generation: 2, extent: 10 });
    expect((await keep(of, bytesOf(900), { generation: 2, extent: 9 })).status).toBe(409);
    expect((await keep(of, bytesOf(2_000), { generation: 1, extent: 20 })).status).toBe(409);
    expect((await keep(of, bytesOf(2_000), { generation: 1, sessionId: 's0' })).status).toBe(409);
    expect((await (await give(of)).arrayBuffer()).byteLength).toBe(1_000);
    expect((await keep(of, bytesOf(1_100), { generation: 2, extent: 10 })).status).toBe(200);
    // A newer run goes on from what it found, which may be less.
    expect((await keep(of, bytesOf(800), { generation: 3, extent: 4 })).status).toBe(200);
    expect((await (await give(of)).arrayBuffer()).byteLength).toBe(800);
  });

  it('is none where none was kept, and asking leaves no trace; with the town it is gone (DL-1)', async () => {
    const of = agent();
    expect((await give(of)).status).toBe(404);
    expect(await storedIn(of)).toEqual([]);
    await keep(of, bytesOf(10));
    await of.destroy();
    expect((await give(of)).status).toBe(404);
    await keep(of, bytesOf(10));
    expect(await storedIn(of)).toEqual([]);
  });
});
