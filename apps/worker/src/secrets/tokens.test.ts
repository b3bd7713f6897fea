import { describe, expect, it } from 'vitest';
import { doorToken, holderOfDoorToken, holderOfRunnerToken, machineToken, runnerToken } from './tokens.ts';

const KEY = btoa('k'.repeat(32));
const OTHER = btoa('o'.repeat(32));
const machine = { townId: 'k3v9q0t2m4xa', runnerId: 'rn-1a2b3c4d5e6f', serial: 3 };
const holder = { townId: 'k3v9q0t2m4xa', instance: 'run.ner-1_x', pool: 'kilo-1' };

describe('tokens', () => {
  it('name their town and holder, and are recognised without being stored', async () => {
    expect(await holderOfRunnerToken(KEY, await runnerToken(KEY, holder.townId, 7))).toEqual({
      townId: holder.townId,
      runnerId: 'home',
      serial: 7,
    });
    expect(await holderOfRunnerToken(KEY, await machineToken(KEY, machine))).toEqual({
      townId: machine.townId,
      runnerId: machine.runnerId,
      serial: 3,
    });
    expect(await holderOfDoorToken(KEY, await doorToken(KEY, holder))).toEqual(holder);
  });

  it('of a version whose starts had no number are older than every start (AU-9)', async () => {
    const former = 'gtr.k3v9q0t2m4xa.LVcX7tsN0qc-Voz1LmgUYrB0aQRpsi52C3oLcKRRajs';
    expect(await holderOfRunnerToken(KEY, former)).toEqual({ townId: 'k3v9q0t2m4xa', runnerId: 'home', serial: 0 });
  });

  it('are worthless when changed, made with another key, or used as the other kind', async () => {
    const runner = await runnerToken(KEY, holder.townId, 7);
    const door = await doorToken(KEY, holder);
    const own = await machineToken(KEY, machine);
    const changed = [
      runner.replace(holder.townId, 'k3v9q0t2m4xb'),
      door,
      runner.replace('.7.', '.8.'),
      runner.replace('.7.', '.'),
      own.replace('.3.', '.4.'),
      own.replace(machine.runnerId, 'rn-000000000000'),
      own.replace('gtm.', 'gtr.'),
      runner.replace('gtr.', 'gtm.'),
    ];
    for (const token of changed) expect(await holderOfRunnerToken(KEY, token)).toBeNull();
    for (const token of [runner, own]) expect(await holderOfRunnerToken(OTHER, token)).toBeNull();
    expect(await holderOfDoorToken(KEY, own)).toBeNull();
    expect(await holderOfDoorToken(KEY, runner)).toBeNull();
    expect(await holderOfDoorToken(KEY, door.replace('kilo-1', 'kilo-2'))).toBeNull();
    for (const junk of ['', '.', 'gtr', 'gtr.x.', `gtd...${'a'.repeat(43)}`]) expect(await holderOfDoorToken(KEY, junk)).toBeNull();
  });
});
