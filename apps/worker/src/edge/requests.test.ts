import { describe, expect, it } from 'vitest';
import { ask, newTown, refusalOf, signIn, valueOf } from '../../test/client.ts';
import { HOSTILE_CASES } from './requests.hostile.ts';

describe('requests that nobody should send', () => {
  it(`${HOSTILE_CASES.length} of them are each refused with a code, a sentence and a next step, and change nothing (I15, TL-4)`, async () => {
    const cookie = await signIn();
    const { id: town, name } = await newTown(cookie);
    const answers = [];
    for (const { id, code, headers = {}, body } of HOSTILE_CASES) {
      const sent = body ?? '{"key":"key-of-a-hostile-case","command":{"kind":"town.rename","name":"Owned"}}';
      const response = await ask(`/api/towns/${town}/commands`, { method: 'POST', body: sent, headers: { cookie, ...headers } });
      const { ok, failure, next, status } = await refusalOf(response);
      const says = !ok && failure.message.length > 0 && failure.message.length < 1_000 && next.length > 0;
      answers.push({ id, code: ok ? 'taken' : failure.code, client: status < 500, says, expected: code });
    }
    expect(answers.filter(({ code, expected, client, says }) => code !== expected || !client || !says)).toEqual([]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    // The same command as it should be sent: the key was used by none of them.
    const good = { key: 'key-of-a-hostile-case', command: { kind: 'town.rename', name: 'Mine' } };
    expect(await valueOf<{ name: string }[]>(await ask('/api/towns', { cookie }))).toContainEqual(
      expect.objectContaining({ id: town, name }),
    );
    expect((await ask(`/api/towns/${town}/commands`, { method: 'POST', body: good, cookie })).status).toBe(200);
  });
});
