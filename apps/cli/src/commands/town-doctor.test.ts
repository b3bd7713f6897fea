import { existsSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesOfState } from '../machine/marks.ts';
import { healthy } from '../testing/audit-fixture.ts';
import { openScreen } from '../terminal/screen.ts';
import { freePort } from '../testing/free-port.ts';
import { makeStandIn, type StandIn } from '../testing/stand-in.ts';
import { startTown } from '../town.ts';
import { examineTown } from './town-doctor.ts';

let standIn: StandIn;
let said: string;
let stop: () => Promise<unknown> | void;
let url: string;
const homeBefore = process.env['HOME'];
const screen = openScreen({ write: (text) => (said += text) }, { write: () => true });

beforeEach(async () => {
  standIn = makeStandIn();
  process.env['HOME'] = standIn.folder;
  said = '';
  const { worker, state } = standIn;
  const runner = standIn.runner('setInterval(() => {}, 1000)');
  const started = await startTown({ worker, state, port: await freePort(), demo: false, variables: {}, screen, runner });
  if (!started.ok) throw new Error(started.failure.message);
  ({ stop, url } = started.value);
});
afterEach(async () => {
  await stop();
  for (const each of existsSync(standIn.state) ? processesOfState(standIn.state) : []) process.kill(each.pid, 'SIGKILL');
  process.env['HOME'] = homeBefore;
  standIn.remove();
});

const answers = (asked: string, value: unknown) =>
  fetch(`${url}/answers`, { method: 'POST', body: JSON.stringify({ answers: asked, value }) });
const examine = (town: string, more: { events?: string; json?: boolean } = {}) =>
  examineTown({ town, state: standIn.state, ...more }, screen);

describe('doctor --town, over the launcher’s own route', () => {
  it('prints the page of a healthy town and ends with 0; a bad finding ends with 1', async () => {
    await answers('/host/towns/Bench/audit', healthy);
    expect(await examine('Bench')).toBe(0);
    expect(stripVTControlCharacters(said)).toMatch(/^✓ Bench \(k3v9q0t2m4xa\) is healthy/);
    await answers('/host/towns/Bench/audit', { ...healthy, ok: false });
    expect(await examine('Bench')).toBe(1);
  });

  it('prints one JSON object when asked to', async () => {
    await answers('/host/towns/Bench/audit', healthy);
    await examine('Bench', { json: true });
    expect(JSON.parse(said)).toEqual(healthy);
  });

  it('prints the timeline of a bead', async () => {
    await answers('/host/towns/Bench/beads/gt-1/events', { id: 'gt-1', title: 'work', status: 'open', events: [] });
    expect(await examine('Bench', { events: 'gt-1' })).toBe(0);
    expect(said).toContain('gt-1 “work” is open');
  });

  it('says which town is not there; without a launcher, that none runs', async () => {
    expect(await examine('No where')).toMatchObject({
      failure: { code: 'unknown_town', message: 'There is nothing at /host/towns/No%20where/audit' },
    });
    expect(await examineTown({ town: 'Bench', state: `${standIn.state}-other` }, screen)).toMatchObject({
      failure: { code: 'not_running' },
    });
  });
});
