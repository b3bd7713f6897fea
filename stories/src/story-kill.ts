import { randomUUID } from 'node:crypto';
import type { BeadId, PersonCommand, RigId } from '@gastown/protocol';
import { openTown } from './errands.ts';
import type { Client } from './client.ts';
import type { House } from './house.ts';
import type { Telling } from './telling.ts';

/** One write and what the town said of it: null is no answer, so it may have happened or not. */
interface Write {
  readonly key: string;
  readonly command: PersonCommand;
  answer: unknown;
}
const WRITERS = 4;
const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 5);

/**
 * `kill -9` of the whole server in the middle of writes, with its state kept: what was acknowledged is there, what was not is there once or not at all,
 * and the same key sent again gives the same answer (I1, I18; reliability §3).
 */
export async function storyKill(telling: Telling, house: House): Promise<void> {
  const opened = await openTown(house, 'Kill', ['parser']);
  const { town } = opened;
  let { client } = opened;
  const rigId = opened.rigs[0]!.id;
  await client.command(town, { kind: 'town.pause' });
  opened.replica.close();
  const writes: Write[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await writeUntilKilled(client, town, rigId, writes, 12 + ((round * 7) % 30), () => house.killEverything());
    await house.up();
    client = await house.signIn();
    for (const write of writes.filter(({ answer }) => answer === null)) write.answer = await client.command(town, write.command, write.key);
    const again = await Promise.all(writes.slice(-8).map((write) => client.command(town, write.command, write.key)));
    const before = writes.slice(-8).map((write) => write.answer);
    telling.check('writes that are said again are answered as before (I18)', JSON.stringify(again) === JSON.stringify(before));
    await checkAll(telling, client, town, writes);
  }
  telling.counts['rounds'] = ROUNDS;
  telling.counts['writes acknowledged'] = writes.length;
}

/** Several writers at once; after some acknowledgements everything is killed while the rest are in flight. */
async function writeUntilKilled(
  client: Client,
  town: string,
  rigId: RigId,
  writes: Write[],
  acknowledged: number,
  kill: () => Promise<unknown>,
): Promise<void> {
  let left = acknowledged;
  let killed: Promise<unknown> | null = null;
  const write = async (): Promise<void> => {
    while (!killed) {
      const earlier = writes.find(({ answer, command }) => answer !== null && command.kind === 'bead.create');
      const command = next(writes.length, rigId, (earlier?.answer as { beadId: BeadId } | undefined)?.beadId ?? null);
      const one: Write = { key: randomUUID(), command, answer: null };
      writes.push(one);
      const answer = await client.command(town, command, one.key).catch((cause: unknown) => {
        if (!killed) throw cause;
        return null;
      });
      one.answer = answer;
      left -= 1;
      if (left <= 0) killed ??= kill();
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  await killed;
}

function next(count: number, rigId: RigId, earlier: BeadId | null): PersonCommand {
  if (earlier && count % 3 === 2) return { kind: 'bead.update', beadId: earlier, body: `edit ${count}` };
  return { kind: 'bead.create', rigId, title: `written ${count}`, dependsOn: earlier && count % 4 === 0 ? [earlier] : [] };
}

async function checkAll(telling: Telling, client: Client, town: string, writes: readonly Write[]): Promise<void> {
  const replica = client.watch(town);
  const made = writes.flatMap(({ command, answer }) =>
    command.kind === 'bead.create' ? [{ title: command.title, id: (answer as { beadId: string }).beadId }] : [],
  );
  await replica.until('the beads', () => replica.all('beads').length > 0);
  const rows = replica.all('beads').filter((bead) => bead.type === 'issue');
  const lost = made.filter(({ id, title }) => replica.get('beads', id)?.title !== title);
  telling.check(`none of ${made.length} acknowledged beads is lost (I1)`, lost.length === 0);
  telling.check('none is there twice (I18)', new Set(rows.map((row) => row.title)).size === rows.length && rows.length === made.length);
  replica.close();
  await audit(telling, client, town);
}

/** The town's own doctor finds nothing. */
async function audit(telling: Telling, client: Client, town: string): Promise<void> {
  const answer = await client.ask('GET', `/api/towns/${town}/audit`);
  telling.check('the audit can be asked for', answer.ok);
  telling.check('the audit finds nothing', (answer.value as { ok: boolean }).ok);
}
