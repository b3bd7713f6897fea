import type { BeadId } from '@gastown/protocol';
import { checkLanded, checkQuiet, closed, openTown, runsOf } from './errands.ts';
import type { House } from './house.ts';
import type { Telling } from './telling.ts';

/** An agent asks a person before it runs a command: its run waits, an answer lets it go on, and the answer is kept. A setup command runs first; one that fails is told. */
export async function storyAsks(telling: Telling, house: House): Promise<void> {
  const { client, town, replica, rigs } = await openTown(house, 'Story asks', ['parser']);
  const { id: rigId } = rigs[0]!;
  const setup = (command: string) => ({ shared: [{ command, required: true, timeoutMs: 30_000 }], polecat: [], refinery: [] });
  await client.command(town, { kind: 'rig.update', rigId, permissions: { commands: 'ask' }, setup: setup('node --version') });
  const bead = (title: string) => client.command(town, { kind: 'bead.create', rigId, title }) as Promise<{ beadId: BeadId }>;
  const { beadId } = await bead('Let parse accept an array of header values');

  const asked = await replica.until('the agent asks', () => replica.all('permissions').find((one) => one.answeredAt === null), 120_000);
  telling.mark('asked');
  telling.check('it asks for a command, in its own words, about its bead', asked.category === 'commands' && asked.beadId === beadId);
  telling.check('its bead waits for a person and says so', replica.get('beads', beadId)?.wait?.code === 'permission_asked');
  telling.check('its agent waits', replica.get('agents', asked.agentId)?.asks === asked.id);
  const prepared = await client.item(town, asked.agentId, 'the notice of the setup command', ({ kind, ...item }) =>
    kind === 'notice' && 'code' in item ? item.code === 'setup' : false,
  );
  telling.check('the setup command ran before', 'text' in prepared && prepared.text === 'Setup: node --version succeeded.');

  let answers = 0;
  const over = closed(replica, beadId, 240_000);
  const done = over.then(() => true);
  for (let more = true; more;) {
    const next = replica.until('the next question', () => replica.all('permissions').find((one) => one.answeredAt === null), 240_000);
    const question = await Promise.race([next.catch(() => null), done.then(() => null)]);
    more = question !== null;
    if (question === null) break;
    await client.command(town, { kind: 'permission.answer', permissionId: question.id, decision: 'once' });
    await replica.until('the answer is kept', () => replica.get('permissions', question.id)?.answeredAt);
    answers += 1;
  }
  telling.mark('landed');
  telling.check('it was asked more than once, as each answer counted once', answers > 1);
  /** The first try has a bug that the gate finds; waiting for a person ends none. */
  telling.check(
    'no run ended for having waited',
    runsOf(replica, beadId).every((run) => run.endReason === 'done' && run.failure === null),
  );
  telling.check(
    'nothing is asked any more',
    replica.all('permissions').every((one) => one.decision === 'once'),
  );
  await checkLanded(telling, house, replica, 'parser', await over);
  checkQuiet(telling, replica);

  await client.command(town, { kind: 'rig.update', rigId, setup: setup('echo no such package; exit 9') });
  const { beadId: second } = await bead('Let parse accept an array of numbers');
  const failed = await replica.until('the second bead fails', () => [replica.get('beads', second)].find((one) => one?.status === 'failed'));
  telling.check(
    'a setup command that fails is told on the bead, with its output, after one try',
    failed?.failure?.details?.['code'] === 'setup_failed' && failed.failure.details['output'] === 'no such package',
  );
  telling.check('one run tried', runsOf(replica, second).length === 1);
  telling.counts['answers'] = answers;
  replica.close();
}
