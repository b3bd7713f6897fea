import { describe, expect, it } from 'vitest';
import { ask, command, HOST_KEY, valueOf } from '../../test/client.ts';
import { runnerOf } from '../../test/runner.ts';
import { addRig, effectOf, storageOf, town } from '../../test/town.ts';
import { seal } from './seal.ts';

describe('keys that were lost', () => {
  it('are noticed at the start: what they sealed is named, kept, and hides nothing else', async () => {
    const { id, cookie } = await town();
    await valueOf(await addRig(cookie, id, 'shop'));
    await valueOf(await command(cookie, id, { kind: 'town.set_model_key', key: 'sk-the-key-of-this-town' }));
    const unreadable = async () => {
      const booted = await ask('/host/boot', { method: 'POST', body: {}, headers: { 'x-host-key': HOST_KEY } });
      const { unreadable: told } = await valueOf<{ unreadable: { rigs: string[]; modelKey: boolean }[] }>(booted);
      return told;
    };
    expect(await unreadable()).toEqual([]);
    const sealed = await storageOf(id, ({ storage }) => storage.sql.exec('SELECT token_sealed FROM rigs').one()['token_sealed']);
    const foreign = await seal(btoa('o'.repeat(32)), id, 'rig-token', 'ghp_the_token_of_the_rig');
    await storageOf(id, ({ storage }) => void storage.sql.exec('UPDATE rigs SET token_sealed = ?', foreign));
    await storageOf(id, ({ storage }) => void storage.sql.exec('UPDATE town SET key_sealed = ?', foreign));
    expect(await unreadable()).toEqual([{ town: expect.any(String), rigs: ['shop'], modelKey: true }]);
    const runner = await runnerOf(id);
    const connect = await effectOf(runner, 'rig.connect');
    runner.send({ t: 'credential', askId: 'c', rigId: (connect.effect as { rigId: string }).rigId });
    expect(await runner.until(({ t }) => t === 'credential')).toMatchObject({ token: null });
    await storageOf(id, ({ storage }) => void storage.sql.exec('UPDATE rigs SET token_sealed = ?', sealed));
    await valueOf(await command(cookie, id, { kind: 'town.set_model_key', key: 'sk-the-key-again' }));
    expect(await unreadable()).toEqual([]);
  });
});
