import type { BootAnswer, UnreadableSecrets } from '@gastown/protocol';
import { z } from 'zod';
import { activeTowns, stateOf, type TownEntry } from '../directory/towns.ts';
import { environmentOf, modelOffer, type Env } from '../env.ts';
import { answer, logException, refuseWith } from '../edge/answers.ts';
import { parseAs, readJson } from '../edge/body.ts';
import { townObject } from '../edge/town-life.ts';

/** What only the launcher (or the deployment) may ask. */
const AT_ONCE = 8;

/** After a start: tell each town that its container is gone and what the environment offers now. */
export async function boot(env: Env): Promise<Response> {
  const offer = modelOffer(environmentOf(env));
  const { done, failed } = await each(env, 'boot', async ({ id, name }): Promise<UnreadableSecrets[]> => {
    const town = townObject(env, id);
    await town.boot(offer);
    const closed = await town.unreadableSecrets();
    return closed ? [{ town: name, ...closed }] : [];
  });
  return answer({ towns: done.length, failed, unreadable: done.flat() } satisfies z.infer<typeof BootAnswer>);
}

/** The clock was set back, and alarms would ring late: each town does what is due, and sets its alarm anew. */
export async function wakeAll(env: Env): Promise<Response> {
  const { done, failed } = await each(env, 'wake', ({ id }) =>
    townObject(env, id).command({ key: null, actor: { kind: 'town' }, command: { kind: 'wake' } }),
  );
  return answer({ towns: done.length, failed });
}

/** A town that cannot be told is logged and counted; the others are told all the same. */
async function each<T>(env: Env, during: string, tell: (town: TownEntry) => Promise<T>): Promise<{ done: T[]; failed: number }> {
  const towns = await activeTowns(env.DB);
  const done: T[] = [];
  let failed = 0;
  const one = async (town: TownEntry): Promise<void> => {
    try {
      done.push(await tell(town));
    } catch (error) {
      failed += 1;
      logException(error, { during, town: town.id });
    }
  };
  for (let at = 0; at < towns.length; at += AT_ONCE) await Promise.all(towns.slice(at, at + AT_ONCE).map(one));
  return { done, failed };
}

/** By its id, or by its name while only one has it. */
export async function namedTown(db: D1Database, named: string): Promise<TownEntry> {
  const towns = await activeTowns(db);
  const byId = towns.find(({ id }) => id === named);
  const byName = towns.filter(({ name }) => name.toLowerCase() === named.toLowerCase());
  if (byId) return byId;
  if (byName.length > 1)
    return refuseWith(
      'invalid_input',
      `town: ${byName.length} towns have this name; say its id: ${byName.map(({ id }) => id).join(', ')}.`,
    );
  return byName[0] ?? refuseWith('unknown_town', `There is no town ${JSON.stringify(named.slice(0, 100))}; there is: ${listed(towns)}.`);
}
const listed = (towns: readonly TownEntry[]): string => towns.map(({ name, id }) => `${name} (${id})`).join(', ') || 'none';

const Exit = z.object({ code: z.number().int().nullable(), signal: z.string().max(20).nullable().default(null) });

export async function containerExited(request: Request, env: Env, townId: string): Promise<Response> {
  const exit = parseAs(Exit, await readJson(request));
  if ((await stateOf(env.DB, townId)) !== 'active') return refuseWith('unknown_town');
  await env.CONTAINER.get(env.CONTAINER.idFromName(townId)).exited(townId, exit);
  return answer(null);
}
