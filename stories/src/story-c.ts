import { closed, checkLanded, checkQuiet, openTown, runsOf } from './errands.ts';
import type { Client } from './client.ts';
import { git, type House } from './house.ts';
import type { Replica } from './replica.ts';
import type { Telling } from './telling.ts';

const TITLE = 'charset';

/** C: `kill -9` of the runner, of the agent process, and of everything, each in the middle of a run: the bead still lands, once; the Mayor remembers. */
export async function storyC(telling: Telling, house: House): Promise<void> {
  const names = ['runner', 'agent', 'everything'];
  let { client, town, replica } = await openTown(house, 'Story C', names);
  await tell(client, town, replica, 'Our release is called Bluebird', 'Bluebird');
  telling.mark('told');

  for (const [index, what] of names.entries()) {
    const rig = replica.all('rigs').find(({ name }) => name === what)!;
    await client.command(town, {
      kind: 'bead.create',
      rigId: rig.id,
      title: 'Add a charset helper with tests',
      body: 'Add `charset(header)`.',
    });
    const { id } = await replica.until('its bead', () =>
      replica.all('beads').find((bead) => bead.rigId === rig.id && bead.type === 'issue' && bead.title.includes(TITLE)),
    );
    const run = await replica.until(
      'a run at work',
      () => replica.all('runs').find((one) => one.beadId === id && one.state === 'working'),
      90_000,
    );
    const middle = await client.item(
      town,
      run.agentId,
      'the first edit',
      (item) => item.kind === 'tool' && item.runId === run.id && /charset\.js/.test(JSON.stringify(item.input)),
      60_000,
    );
    telling.check(`the run on ${what} is in the middle of its work`, middle.kind === 'tool');

    if (what === 'everything') {
      replica.close();
      telling.counts['processes killed'] = await house.killEverything();
      await house.up();
      client = await house.signIn();
      replica = client.watch(town);
    } else
      telling.check(
        `kill -9 of the ${what} hit a process`,
        house.kill(what === 'runner' ? /apps\/runner\/src\/main\.ts/ : /bin\/kilo/) > 0,
      );
    telling.mark(`killed ${what}`);

    const bead = await closed(replica, id, 240_000);
    telling.mark(`landed after losing the ${what}`);
    await checkLanded(telling, house, replica, what, bead);
    const runs = runsOf(replica, id);
    telling.check(
      `the lost run ended with its reason (${runs.map((one) => one.failure?.code ?? one.endReason).join(', ')})`,
      runs.length >= 2 && runs[0]!.failure !== null,
    );
    telling.check(
      'no file was lost or doubled',
      (await git(house.bare(what), 'ls-tree', '--name-only', 'main')).split('\n').filter((file) => file === 'charset.js').length === 1,
    );
    telling.counts[`runs of bead ${index + 1}`] = runs.length;
  }
  await tell(client, town, replica, 'What is our release called?', 'Bluebird', telling);
  await replica.until('the runs are over', () => replica.all('runs').every((run) => run.beadId === null || run.state === 'ended'));
  checkQuiet(telling, replica);
  replica.close();
}

async function tell(client: Client, town: string, replica: Replica, text: string, answer: string, telling?: Telling): Promise<void> {
  const since = Date.now();
  await client.command(town, { kind: 'mayor.tell', text });
  const mayor = await replica.until('the Mayor', () => replica.all('agents').find((agent) => agent.role === 'mayor'));
  const said = await client.item(
    town,
    mayor.id,
    `the Mayor answers “${text}” with ${answer}`,
    (item) => item.kind === 'assistant' && item.at >= since && item.text.includes(answer),
    120_000,
  );
  telling?.check('the Mayor remembers after all that', said.kind === 'assistant');
}
