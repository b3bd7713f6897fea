import { readdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AuditReport } from '@gastown/protocol';
import { closed, openTown, slung } from './errands.ts';
import type { House } from './house.ts';
import type { Telling } from './telling.ts';

/** `gastown doctor --town` over a real town: calm while all is well, and exact about damage that was done to its store behind its back (I6, RC-23, RC-26). */
export async function storyDoctor(telling: Telling, house: House): Promise<void> {
  const { client, town, replica } = await openTown(house, 'Checkup', ['parser']);
  await client.command(town, { kind: 'mayor.tell', text: 'Add a format function with tests' });
  const { id: beadId, title } = await closed(replica, (await slung(replica, 'format function')).id);
  replica.close();
  telling.mark('landed');

  const well = await house.gastown('doctor', '--town', 'Checkup');
  telling.check('the doctor calls a town in which a bead landed healthy', well.code === 0 && well.said.includes('is healthy'));
  const report = AuditReport.parse(JSON.parse((await house.gastown('doctor', '--town', town, '--json')).said));
  telling.check(
    'the ledger replays to the tables, every column known (I6)',
    report.replay.differences.length === 0 && report.replay.unknown === 0,
  );
  telling.check('every promise was looked at', report.checks.length > 10 && report.checks.every(({ found }) => found === 0));
  const life = await house.gastown('doctor', '--town', town, '--events', beadId);
  telling.check('its timeline ends with the landing', life.code === 0 && /closed\s+in_review → closed/.test(life.said));

  await house.killEverything();
  damage(house.state, `UPDATE beads SET title = 'Something else' WHERE id = ?`, beadId);
  await house.up();
  const ill = await house.gastown('doctor', '--town', 'Checkup');
  telling.check('the doctor ends with 1 when something is wrong', ill.code === 1);
  telling.check(
    'it names the bead, what the ledger says, and since when',
    ill.said.includes(`${beadId}: title is Something else, the ledger says ${title}`),
  );
  telling.check('it says what is promised, what it means and what to do', /promised .*\n.*since .*\n.*means .*\n.*next /.test(ill.said));

  await (await house.freshClient()).command(town, { kind: 'bead.update', beadId, title });
  telling.check('what it tells to do mends it', (await house.gastown('doctor', '--town', 'Checkup')).code === 0);
  const lost = await house.gastown('doctor', '--town', 'Nowhere');
  telling.check(
    'a town that is not there is refused, and those that are named',
    lost.code === 1 && lost.said.includes('unknown_town') && lost.said.includes(town),
  );
}

/** Past the town, as a hand in its files would. The store that knows the bead is the town's. */
function damage(state: string, statement: string, beadId: string): void {
  const files = readdirSync(state, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.sqlite'));
  const changed = files.filter((file) => {
    const db = new DatabaseSync(path.join(state, file));
    try {
      const isTown = db.prepare(`SELECT 1 FROM sqlite_master WHERE name = 'bead_events'`).get() !== undefined;
      return isTown && Number(db.prepare(statement).run(beadId).changes) === 1;
    } finally {
      db.close();
    }
  });
  if (changed.length !== 1) throw new Error(`the bead was changed in ${changed.length} stores`);
}
