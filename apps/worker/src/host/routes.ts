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
  const towns = await activeTowns(env.DB);
  const unreadable: UnreadableSecrets[] = [];
  let failed = 0;
  for (let at = 0; at < towns.length; at += AT_ONCE) {
    for (const told of await Promise.all(towns.slice(at, at + AT_ONCE).map((town) => bootOne(env, town, offer)))) {
      if (!told) failed += 1;
      else unreadable.push(...told);
    }
  }
  return answer({ towns: towns.length - failed, failed, unreadable } satisfies z.infer<typeof BootAnswer>);
}

/** What it cannot open. A town that cannot be told is logged and comes back as null; the others are told all the same. */
async function bootOne(env: Env, { id, name }: TownEntry, offer: ReturnType<typeof modelOffer>): Promise<UnreadableSecrets[] | null> {
  try {
    const town = townObject(env, id);
    await town.boot(offer);
    const closed = await town.unreadableSecrets();
    return closed ? [{ town: name, ...closed }] : [];
  } catch (error) {
    logException(error, { during: 'boot', town: id });
    return null;
  }
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
