import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BeadRow, RigId, RigRow, RunnerRow } from '@gastown/protocol';
import type { Page } from 'playwright-core';
import { axeFindings } from './axe.ts';
import { openBrowser, openPage, shoot } from './browser.ts';
import type { Client } from './client.ts';
import { checkLanded, checkQuiet, closed, openTown, runsOf } from './errands.ts';
import { GIT_TOKEN, git, type House } from './house.ts';
import { Machine } from './machine.ts';
import type { Replica } from './replica.ts';
import type { Telling } from './telling.ts';

const NAME = 'Attic';

/** Commits one file and keeps it, waits until `go` is there, commits another. Played again it does what is left. */
const script = (name: string, go: string): string => {
  const write = (file: string): object => ({
    tool: 'bash',
    args: {
      command: `echo ${name} > ${file} && git add ${file} && { git diff --cached --quiet || git commit -qm "Write ${file}"; }`,
      description: 'Write',
    },
  });
  return `<<<SCRIPT ${JSON.stringify([
    write(`${name}-1.md`),
    { tool: 'gt_checkpoint', args: { data: { at: 'one' } } },
    { tool: 'bash', args: { command: `while [ ! -e ${go} ]; do sleep 0.2; done`, description: 'Wait' } },
    write(`${name}-2.md`),
    { tool: 'gt_done', args: { summary: `${name} is done.` } },
    { text: 'Handed in' },
  ])} SCRIPT>>>`;
};

/** Somebody's own machine as a runner of the town: added on the page, started by the line it gives, killed, drained, removed. */
export async function storyRunners(telling: Telling, house: House): Promise<void> {
  const { client, town, replica } = await openTown(house, 'Story runners', ['here']);
  const machine = new Machine(house.folder);
  const around: Around = { house, client, town, replica, machine };
  const browser = await openBrowser();
  try {
    const { page, troubles } = await openPage(browser);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(await house.freshLink());
    const line = await addedOnThePage(telling, around, page);
    const there = await pinnedOnThePage(telling, around, page);
    await landsThere(telling, around, page, there);
    await comesBack(telling, around, there);
    await goesOnElsewhere(telling, around, there);
    await drains(telling, around, there, line);
    await removedOnThePage(telling, around, page, line);
    telling.check(`the page had no error (${troubles.slice(0, 3).join(' | ') || 'none'})`, troubles.length === 0);
    checkQuiet(telling, replica);
    replica.close();
  } catch (cause) {
    console.error(machine.said());
    throw cause;
  } finally {
    machine.killAll();
    await browser.close();
  }
}

interface Around {
  readonly house: House;
  readonly client: Client;
  readonly town: string;
  readonly replica: Replica;
  readonly machine: Machine;
}
const runnerOf = (replica: Replica): RunnerRow | undefined => replica.all('runners').find(({ name }) => name === NAME);
const linked = (replica: Replica): Promise<RunnerRow> =>
  replica.until(
    'the machine is linked',
    () => {
      const runner = runnerOf(replica);
      return runner?.connected && runner.drainingAt === null ? runner : undefined;
    },
    90_000,
  );

async function addedOnThePage(telling: Telling, { house, town, replica, machine }: Around, page: Page): Promise<string> {
  await page.goto(`${house.base}/t/${town}/settings?tab=runners`);
  await page.getByRole('button', { name: 'Add a runner' }).click();
  await page.getByLabel('Name').fill(NAME);
  await page.getByRole('button', { name: 'Add runner' }).click();
  await page.getByRole('button', { name: 'Copy the line' }).click();
  const copied = String(await page.evaluate('navigator.clipboard.readText()'));
  await shoot(page, 'runners-1-line');
  telling.check(
    'the page gives a line to copy, with the address of the town',
    copied.startsWith(`./gastown runner --town ${house.base} --token gtm.`),
  );
  await checkAxe(telling, page, 'the line');
  // Another address than the one that the town has for itself: what runs there may know no other.
  const line = copied.replace('//127.0.0.1:', '//localhost:');
  machine.run(line);
  const runner = await linked(replica);
  await page.getByRole('region', { name: 'Start the runner' }).getByText('Linked').waitFor();
  telling.check('the page sees the machine come', true);
  telling.mark('linked');
  const said = machine.said();
  telling.check('the command says what agents may do on this machine', said.includes('On this machine agents and tests run as'));
  telling.check('the town knows whether agents are apart there', runner.isolation !== null);
  await page.getByRole('button', { name: 'Done' }).click();
  telling.check('the token is not on the page any more', !(await page.content()).includes('gtm.'));
  const second = new Machine(path.join(house.folder, 'again'));
  second.run(line.replace('./gastown', `env HOME=${machine.home} ./gastown`));
  telling.check('a second one on the same folder is told so', (await second.gone()) === 1 && second.said().includes('already_running: '));
  return line;
}

/** A repository that comes while the machine is there is looked at by it, and is its alone from then on. */
async function pinnedOnThePage(telling: Telling, { house, client, town, replica }: Around, page: Page): Promise<RigRow> {
  await house.createRepo('there');
  const { rigId } = (await client.command(town, {
    kind: 'rig.add',
    name: 'there',
    gitUrl: house.git.repoUrl('acme/there'),
    token: GIT_TOKEN,
    gates: [house.gate],
  })) as { rigId: RigId };
  const rig = await replica.until('the rig is connected', () => {
    const row = replica.get('rigs', rigId);
    return row?.state === 'ready' ? row : undefined;
  });
  const runner = runnerOf(replica)!;
  await page.goto(`${house.base}/t/${town}/runners/${runner.id}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('button', { name: 'Only these' }).click();
  await page.getByLabel('there', { exact: true }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await replica.until('it is pinned', () => runnerOf(replica)?.rigs?.includes(rigId));
  telling.mark('pinned');
  return rig;
}

async function bead({ client, town, replica, house }: Around, rig: RigRow, name: string): Promise<{ id: BeadRow['id']; go: () => void }> {
  const go = path.join(house.folder, `go-${name}`);
  const { beadId } = (await client.command(town, {
    kind: 'bead.create',
    rigId: rig.id,
    title: `Write ${name}`,
    body: script(name, go),
  })) as {
    beadId: BeadRow['id'];
  };
  await replica.until('it is there', () => replica.get('beads', beadId));
  return { id: beadId, go: () => writeFileSync(go, '') };
}

/** Its first commit is in the repository: now something may happen to it. */
async function inTheMiddle({ client, town, replica }: Around, id: BeadRow['id'], runs = 1): Promise<string> {
  const run = await replica.until(
    'a run at work',
    () => {
      const all = runsOf(replica, id);
      const last = all.at(-1);
      return all.length >= runs && last?.state === 'working' ? last : undefined;
    },
    180_000,
  );
  await client.item(
    town,
    run.agentId,
    'its checkpoint',
    (item) => item.kind === 'tool' && item.runId === run.id && /checkpoint/.test(item.tool) && item.state === 'completed',
    90_000,
  );
  return run.runnerId;
}

async function landsThere(telling: Telling, around: Around, page: Page, rig: RigRow): Promise<void> {
  const { house, town, replica, machine } = around;
  const one = await bead(around, rig, 'first');
  one.go();
  const done = await closed(replica, one.id);
  const merge = await checkLanded(telling, house, replica, 'there', done);
  const { id } = runnerOf(replica)!;
  telling.check(
    'its run and its merge were on the machine',
    runsOf(replica, one.id).every((run) => run.runnerId === id) && merge.runnerId === id,
  );
  const mirror = (state: string): boolean => existsSync(path.join(state, 'rigs', rig.id, 'mirror.git'));
  telling.check(
    'what it runs knows no other address of the town than the one it was given',
    machine.mentions(`//localhost:${house.port}/llm`) && !machine.mentions(`//127.0.0.1:${house.port}/`),
  );
  telling.check('the machine has the code', mirror(path.join(machine.folder(town), 'state')));
  telling.check('the container never had it', !mirror(path.join(house.state, 'towns', town)));
  await page.goto(`${house.base}/t/${town}/beads/${one.id}`);
  await page.locator(`[data-object="runner:${id}"]`).first().click();
  await page.getByRole('dialog', { name: NAME }).getByText('a machine').waitFor();
  await shoot(page, 'runners-2-drawer');
  telling.check('the bead says which runner it was on, and that is a link', true);
  await checkAxe(telling, page, 'the drawer');
  telling.mark('landed there');
}

/** The runner is killed; whoever started it starts it anew, and the bead, which is pinned, waits for that. */
async function comesBack(telling: Telling, around: Around, rig: RigRow): Promise<void> {
  const { house, replica, machine } = around;
  const one = await bead(around, rig, 'second');
  await inTheMiddle(around, one.id);
  telling.check('kill -9 hit the runner', machine.killRunner() > 0);
  await inTheMiddle(around, one.id, 2);
  one.go();
  const done = await closed(replica, one.id);
  await checkLanded(telling, house, replica, 'there', done);
  const runs = runsOf(replica, one.id);
  telling.check(`the lost run says why (${runs[0]?.failure?.code})`, runs[0]?.failure?.code === 'runner_lost');
  telling.check('and cost no attempt', runs.at(-1)?.attempt === 1);
  telling.check('the command told of it', machine.said().includes('The runner ended unexpectedly (SIGKILL)'));
  telling.mark('came back');
}

/** Not pinned any more; the whole machine goes without a word. */
async function goesOnElsewhere(telling: Telling, around: Around, rig: RigRow): Promise<void> {
  const { house, client, town, replica, machine } = around;
  const { id } = runnerOf(replica)!;
  await client.command(town, { kind: 'runner.update', runnerId: id, rigs: null });
  const one = await bead(around, rig, 'third');
  telling.check('a machine goes before the container', (await inTheMiddle(around, one.id)) === id);
  machine.killAll();
  telling.check('the bead goes on elsewhere', (await inTheMiddle(around, one.id, 2)) !== id);
  one.go();
  const done = await closed(replica, one.id);
  const merge = await checkLanded(telling, house, replica, 'there', done);
  telling.check(
    'with what was pushed from the machine',
    (await git(house.bare('there'), 'show', '--name-only', '--format=', merge.mergeCommit!)).includes('third-1.md'),
  );
  telling.mark('went on elsewhere');
}

async function drains(telling: Telling, around: Around, rig: RigRow, line: string): Promise<void> {
  const { house, client, town, replica, machine } = around;
  await client.command(town, { kind: 'town.configure', agentKind: 'opencode' });
  machine.run(line);
  const { id } = await linked(replica);
  const one = await bead(around, rig, 'fourth');
  telling.check('the machine is back with the same token', (await inTheMiddle(around, one.id)) === id);
  machine.signal('SIGTERM');
  await replica.until('the town sees it end', () => runnerOf(replica)?.drainingAt);
  const waiting = await bead(around, rig, 'fifth');
  waiting.go();
  const other = await closed(replica, waiting.id);
  telling.check(
    'what is new goes elsewhere',
    runsOf(replica, other.id).every((run) => run.runnerId !== id),
  );
  one.go();
  const done = await closed(replica, one.id);
  await checkLanded(telling, house, replica, 'there', done);
  const runs = runsOf(replica, one.id);
  telling.check('OpenCode worked there as well', runs[0]?.agentKind === 'opencode');
  telling.check('the turn under way came to its end', runs.length === 1 && runs[0]?.runnerId === id && runs[0].failure === null);
  telling.check('the command ended well', (await machine.gone()) === 0 && machine.said().includes('Stopped.'));
  telling.check('nothing of it is left running', machine.processes().length === 0);
  telling.mark('drained');
}

async function removedOnThePage(telling: Telling, { house, town, replica, machine }: Around, page: Page, line: string): Promise<void> {
  machine.run(line);
  const { id } = await linked(replica);
  await page.goto(`${house.base}/t/${town}/settings?tab=runners&open=runner:${id}`);
  await page.getByRole('button', { name: 'Remove the runner' }).click();
  await page.getByRole('button', { name: `Remove ${NAME} now` }).click();
  await replica.until('it is removed', () => !runnerOf(replica));
  telling.check('the command ended', (await machine.gone()) === 1);
  telling.check('with the reason of the town', /unknown_runner: This runner was removed from the town\.\n→ /.test(machine.said()));
  await page.waitForURL((url) => !url.searchParams.has('open'));
  telling.check('its drawer closes', (await page.getByRole('dialog', { name: NAME }).count()) === 0);
  await shoot(page, 'runners-3-removed');
  await page.goto(`${house.base}/t/${town}/runners/${id}`);
  await page.getByText('is not in this town').waitFor();
  machine.run(line);
  telling.check('its token is worthless', (await machine.gone()) === 1 && machine.said().includes('unknown_runner: '));
  telling.mark('removed');
}

async function checkAxe(telling: Telling, page: Page, what: string): Promise<void> {
  const found = await axeFindings(page);
  telling.check(`axe finds nothing on ${what} (${found.join(' | ') || 'none'})`, found.length === 0);
}
