import { closed, checkLanded, checkQuiet, openTown, slung } from './errands.ts';
import type { House } from './house.ts';
import type { Telling } from './telling.ts';

/** D: two rigs, three beads at once, dependencies respected, no agent before its bead is ready (RC-12), the slot limit held and shown. */
export async function storyD(telling: Telling, house: House): Promise<void> {
  const { client, town, replica, rigs } = await openTown(house, 'Story D', ['alpha', 'beta']);
  const [alpha, beta] = rigs;
  for (const rig of rigs) await client.command(town, { kind: 'rig.update', rigId: rig.id, maxPolecats: 1 });
  let most = 0;
  let early = 0;
  let shown = false;
  const observe = (): undefined => {
    for (const rig of rigs) {
      const busy = replica.all('runs').filter((run) => run.rigId === rig.id && run.state !== 'ended').length;
      most = Math.max(most, busy);
    }
    const readme = replica.all('beads').find((bead) => bead.type === 'issue' && bead.title.startsWith('Document'));
    const json = replica.all('beads').find((bead) => bead.type === 'issue' && bead.title.includes('isJson helper'));
    if (readme && json?.status !== 'closed' && replica.all('runs').some((run) => run.beadId === readme.id)) early += 1;
    if (replica.all('beads').some((bead) => bead.wait?.code === 'no_slot')) shown = true;
    return undefined;
  };
  const watching = replica.until('the end of the story', observe, 600_000).catch(() => undefined);

  await client.command(town, { kind: 'mayor.tell', text: 'Add isJson and isText helpers over both rigs, then document isJson' });
  const json = await slung(replica, 'isJson helper');
  const text = await slung(replica, 'isText helper');
  const readme = await slung(replica, 'Document isJson');
  telling.mark('slung');
  telling.check(
    'the beads are on the two rigs that were meant (H9)',
    [json.rigId, readme.rigId].every((rig) => rig === json.rigId) &&
      text.rigId !== json.rigId &&
      [alpha!.id, beta!.id].includes(text.rigId!),
  );
  telling.check(
    'the dependency is there',
    replica.get('beads', readme.id)!.dependsOn.some((edge) => edge.id === json.id && edge.type === 'blocks'),
  );
  const blocked = replica.get('beads', readme.id)!;
  telling.check(
    'the blocked bead says what it waits for',
    blocked.wait?.code === 'blocked_by_open' && blocked.wait.ref === json.id && blocked.assigneeId === null,
  );
  const extra = (await client.command(town, {
    kind: 'bead.create',
    rigId: text.rigId!,
    title: 'Look around in the repository',
    body: 'Only look.',
  })) as { beadId: string };
  await replica.until(
    'the second bead of a rig with one slot says that it waits for a polecat',
    () => replica.get('beads', extra.beadId)?.wait?.code === 'no_slot' || replica.get('beads', extra.beadId)?.status !== 'open',
  );

  for (const bead of [json, text, readme]) await closed(replica, bead.id, 180_000);
  telling.mark('all landed');
  for (const bead of [json, text, readme])
    await checkLanded(telling, house, replica, replica.get('rigs', bead.rigId!)!.name, replica.get('beads', bead.id)!);
  const runOf = (id: string) => replica.all('runs').find((run) => run.beadId === id)!;
  telling.check(
    'the README bead got its run only after isJson had landed',
    runOf(readme.id).startedAt >= replica.get('beads', json.id)!.closedAt! && early === 0,
  );
  const two = [runOf(json.id), runOf(text.id)];
  telling.check('the two rigs worked side by side', two[0]!.startedAt < two[1]!.endedAt! && two[1]!.startedAt < two[0]!.endedAt!);
  telling.check('no rig had more runs than slots', most === 1);
  telling.check('the full slot was shown', shown);
  const polecats = replica.all('agents').filter((agent) => agent.role === 'polecat');
  telling.check('there were never more agents than work at one time', polecats.length <= 2);
  telling.counts['polecats'] = polecats.length;
  telling.counts['runs'] = replica.all('runs').filter((run) => run.beadId !== null).length;
  telling.counts['frames'] = replica.frames;
  await client.command(town, { kind: 'bead.set_status', beadId: extra.beadId as never, status: 'closed', reason: 'only to fill the slot' });
  await replica.until('the runs are over', () => replica.all('runs').every((run) => run.beadId === null || run.state === 'ended'));
  checkQuiet(telling, replica);
  void watching;
  replica.close();
}
