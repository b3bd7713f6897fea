import { env } from 'cloudflare:workers';
import type { TownInfo } from '@gastown/protocol';
import { describe, expect, it } from 'vitest';
import { ask, command, refusalOf, signIn, signInStranger, valueOf } from '../../test/client.ts';

describe('making a town', () => {
  it('the same wish sent twice is one town, also at the same moment and after its answer was lost; another person’s key is another (TL-3, I18)', async () => {
    const cookie = await signIn();
    const create = (key: string, name: string, who = cookie) => ask('/api/towns', { method: 'POST', body: { key, name }, cookie: who });
    const key = `key-${crypto.randomUUID()}`;
    const [first, second] = await Promise.all([create(key, 'Once'), create(key, 'Once')]);
    const made = await valueOf<TownInfo>(first);
    expect(await valueOf(second)).toEqual(made);
    expect(await valueOf(await create(key, 'Once'))).toEqual(made);
    const listed = await valueOf<TownInfo[]>(await ask('/api/towns', { cookie }));
    expect(listed.filter(({ name }) => name === 'Once')).toEqual([made]);
    expect((await valueOf<TownInfo>(await create(`${key}2`, 'Once more'))).id).not.toBe(made.id);
    expect((await valueOf<TownInfo>(await create(key, 'Once', await signInStranger()))).id).not.toBe(made.id);
    await env.DB.prepare("UPDATE towns SET state = 'creating' WHERE id = ?").bind(made.id).run();
    expect(await valueOf(await create(key, 'Once'))).toEqual(made);
    expect((await command(cookie, made.id, { kind: 'town.pause' })).status).toBe(200);
    await valueOf(await ask(`/api/towns/${made.id}`, { method: 'DELETE', body: { name: 'Once' }, cookie }));
    expect(await refusalOf(await create(key, 'Once'))).toMatchObject({ status: 410, failure: { code: 'town_deleted' } });
  });

  it('a key that made a town makes no other: a wish with another name is refused, and a later name of the town makes the first wish no other (TL-3)', async () => {
    const cookie = await signIn();
    const key = `key-${crypto.randomUUID()}`;
    const create = (name: string) => ask('/api/towns', { method: 'POST', body: { key, name }, cookie });
    const made = await valueOf<TownInfo>(await create('Wished'));
    expect(await refusalOf(await create('Other'))).toMatchObject({ status: 409, failure: { code: 'conflicting_key' } });
    await valueOf(await command(cookie, made.id, { kind: 'town.rename', name: 'Other' }));
    expect(await valueOf(await create('Wished'))).toEqual({ ...made, name: 'Other' });
    expect((await create('Other')).status).toBe(409);
    await env.DB.prepare('UPDATE towns SET wished_name = NULL WHERE id = ?').bind(made.id).run();
    expect((await create('Other')).status).toBe(200);
  });
});
