import { closed, checkLanded, checkQuiet, openTown, runsOf, slung } from './errands.ts';
import { git, type House } from './house.ts';
import type { Telling } from './telling.ts';

/** B: the gate fails, main does not move, the bead says why; the next run gets that as context and succeeds. */
export async function storyB(telling: Telling, house: House): Promise<void> {
  const { client, town, replica } = await openTown(house, 'Story B', ['parser']);
  const before = await git(house.bare('parser'), 'rev-parse', 'main');
  await client.command(town, { kind: 'mayor.tell', text: 'Let parse accept an array of header values' });
  const { id } = await slung(replica, 'array');
  telling.mark('slung');

  const rejected = await replica.until(
    'a merge request that its gate refused',
    () => replica.all('merges').find((merge) => merge.beadId === id && merge.phase === 'failed'),
    120_000,
  );
  telling.mark('gate failed');
  const gate = rejected.gates.at(-1);
  telling.check('the merge request failed with gate_failed', rejected.failure?.code === 'gate_failed');
  telling.check(
    'it shows the command, its exit code and its output',
    gate?.command === house.gate && gate.exitCode !== 0 && gate.exitCode !== null && /not ok|✖|fail/i.test(gate.output),
  );
  telling.check('main did not move', (await git(house.bare('parser'), 'rev-parse', 'main')) === before);
  const told = await replica.until('the bead is out of review', () =>
    [replica.get('beads', id)].find((bead) => bead && bead.status !== 'in_review'),
  );
  telling.check('the bead says why in one sentence', told!.failure?.code === 'gate_failed' && told!.failure.message.includes(house.gate));

  const bead = await closed(replica, id);
  telling.mark('landed');
  const runs = runsOf(replica, id);
  telling.check('it took two runs, the second with a newer generation', runs.length === 2 && runs[1]!.generation > runs[0]!.generation);
  const second = house.model
    .requests()
    .filter(
      (request) => JSON.stringify(request.conversation).includes(gate!.command) && JSON.stringify(request.conversation).includes('gate'),
    );
  telling.check('the second run was told of the failed gate', second.length > 0);
  await checkLanded(telling, house, replica, 'parser', bead);
  await replica.until('the run is over', () => replica.all('runs').every((run) => run.beadId === null || run.state === 'ended'));
  checkQuiet(telling, replica);
  telling.counts['runs'] = runs.length;
  replica.close();
}
