import { describe, expect, it } from 'vitest';
import { doorToken, holderOfDoorToken, runnerToken, townOfRunnerToken } from './tokens.ts';

const KEY = btoa('k'.repeat(32));
const OTHER = btoa('o'.repeat(32));
const holder = { townId: 'k3v9q0t2m4xa', instance: 'run.ner-1_x', pool: 'kilo-1' };

describe('tokens', () => {
  it('name their town and holder, and are recognised without being stored', async () => {
    expect(await townOfRunnerToken(KEY, await runnerToken(KEY, holder.townId))).toBe(holder.townId);
    expect(await holderOfDoorToken(KEY, await doorToken(KEY, holder))).toEqual(holder);
  });

  it('are worthless when changed, made with another key, or used as the other kind', async () => {
    const runner = await runnerToken(KEY, holder.townId);
    const door = await doorToken(KEY, holder);
    expect(await townOfRunnerToken(KEY, runner.replace(holder.townId, 'k3v9q0t2m4xb'))).toBeNull();
    expect(await townOfRunnerToken(OTHER, runner)).toBeNull();
    expect(await townOfRunnerToken(KEY, door)).toBeNull();
    expect(await holderOfDoorToken(KEY, runner)).toBeNull();
    expect(await holderOfDoorToken(KEY, door.replace('kilo-1', 'kilo-2'))).toBeNull();
    for (const junk of ['', '.', 'gtr', 'gtr.x.', `gtd...${'a'.repeat(43)}`]) expect(await holderOfDoorToken(KEY, junk)).toBeNull();
  });
});
