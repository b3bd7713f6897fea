import type { BeadId, RigId } from '@gastown/protocol';
import { checkLanded, checkQuiet, closed, openTown, runsOf } from './errands.ts';
import { git, GIT_TOKEN, MODEL_KEY, type House } from './house.ts';
import type { Telling } from './telling.ts';

const FIRST_COMMIT = [
  {
    tool: 'bash',
    args: { command: 'echo hello > README.md && git add README.md && git commit -qm "First file"', description: 'Write and commit' },
  },
  { tool: 'gt_done', args: { summary: 'The repository has its first file.' } },
  { text: '# Handed in' },
];

/** E: another agent program (OpenCode), another model shape (Anthropic's), a repository without a commit (AG-19). */
export async function storyE(telling: Telling, house: House): Promise<void> {
  const { client, town, replica } = await openTown(house, 'Story E', ['parser']);
  await client.command(town, {
    kind: 'town.configure',
    agentKind: 'opencode',
    model: { provider: 'anthropic', model: 'scripted', baseUrl: house.model.url, price: null },
  });
  await client.command(town, { kind: 'town.set_model_key', key: MODEL_KEY });
  const { rigId } = (await client.command(town, {
    kind: 'rig.add',
    name: 'empty',
    gitUrl: house.git.repoUrl('acme/empty'),
    token: GIT_TOKEN,
    gates: ['test -s README.md'],
  })) as { rigId: RigId };
  const rig = await replica.until('the empty repository is connected', () =>
    [replica.get('rigs', rigId)].find((one) => one?.state === 'ready'),
  );
  telling.check('an empty repository is ready for work and known as empty', rig!.empty);

  const { beadId } = (await client.command(town, {
    kind: 'bead.create',
    rigId,
    title: 'Make the first file',
    body: `<<<SCRIPT ${JSON.stringify(FIRST_COMMIT)} SCRIPT>>>`,
  })) as { beadId: BeadId };
  const bead = await closed(replica, beadId, 180_000);
  telling.mark('first commit landed');
  const [run] = runsOf(replica, beadId);
  telling.check('it was done by OpenCode', run?.agentKind === 'opencode');
  telling.check(
    'the model was asked in Anthropic’s shape, with the key of the settings',
    house.model.requests().some((request) => request.api === 'anthropic'),
  );
  telling.check('the first commit is the landed one', (await git(house.bare('empty'), 'rev-list', 'main')) === bead.landedCommit);
  telling.check('it holds the file', (await git(house.bare('empty'), 'show', 'main:README.md')) === 'hello');

  await client.command(town, { kind: 'mayor.tell', text: 'Add a format function with tests' });
  const second = await replica.until(
    'a bead of the Mayor',
    () => replica.all('beads').find((one) => one.title.includes('format function')),
    120_000,
  );
  const where = replica.get('rigs', second.rigId!)!.name;
  if (where === 'parser') await checkLanded(telling, house, replica, 'parser', await closed(replica, second.id, 180_000));
  telling.check(
    'the Mayor works with OpenCode too',
    replica.all('runs').some((one) => one.beadId === null && one.agentKind === 'opencode'),
  );
  telling.mark('the Mayor’s bead landed');
  await replica.until('the runs are over', () => replica.all('runs').every((one) => one.beadId === null || one.state === 'ended'));
  checkQuiet(telling, replica);
  replica.close();
}
