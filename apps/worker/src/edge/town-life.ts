import { failure, type CreateTown, type Result, type TownInfo } from '@gastown/protocol';
import type { Actor, Envelope } from '@gastown/town';
import { addTown, markActive, markDeleting, removeTown, townsOf, type TownEntry } from '../directory/towns.ts';
import type { User } from '../directory/users.ts';
import { environmentOf, modelOffer, type Env } from '../env.ts';
import type { TownRpc } from '../town/rpc.ts';
import { logException, Refused, refuseWith } from './answers.ts';

/**
 * A town's birth and end across directory and objects. Each step is safe to repeat, and the directory's row says which steps are still owed:
 * a crash between any two is repaired by whoever lists the towns next (DL-2).
 */
export const townObject = (env: Env, townId: string) => env.TOWN.get(env.TOWN.idFromName(townId)) satisfies TownRpc;
export const actorOf = (user: User): Actor => ({ kind: 'person', id: user.id, name: user.name });
const infoOf = ({ id, name, createdAt }: TownEntry): TownInfo => ({ id, name, createdAt });

/** The same key again is the same town, also when its first request broke off half way; a deleted one does not come back, and another wish needs another key. */
export async function createTown(env: Env, user: User, wish: CreateTown): Promise<TownInfo> {
  const town = await addTown(env.DB, user, wish, Date.now());
  if (!town || town.state === 'deleting') return refuseWith('town_deleted');
  if (town.wishedName !== wish.name)
    return refuseWith('conflicting_key', `This key was used for a town called ${JSON.stringify(town.wishedName)}.`);
  if (town.state === 'creating') await finishCreating(env, user, town);
  return infoOf(town);
}

async function finishCreating(env: Env, user: User, town: TownEntry): Promise<void> {
  unwrap(await townObject(env, town.id).create(creation(env, user, town)));
  await markActive(env.DB, town.id);
}

function creation(env: Env, user: User, { id, name, epoch }: TownEntry): Envelope {
  const environment = environmentOf(env);
  const { owner, agentKinds } = environment;
  const command = {
    kind: 'town.create',
    id,
    name,
    epoch,
    gitName: owner.name,
    gitEmail: owner.email,
    agentKind: agentKinds[0]!.id,
    ...modelOffer(environment),
  } as const;
  return { key: `create:${id}`, actor: actorOf(user), command };
}

/** The person's towns; what an interrupted creation or deletion left is finished first. */
export async function listTowns(env: Env, user: User): Promise<TownInfo[]> {
  const towns = await townsOf(env.DB, user);
  const listed: TownInfo[] = [];
  for (const town of towns) {
    if (await isThere(env, user, town)) listed.push(infoOf(town));
  }
  return listed;
}

/** One town that cannot be finished now must not hide the others: the next listing tries again. */
async function isThere(env: Env, user: User, town: TownEntry): Promise<boolean> {
  try {
    if (town.state === 'creating') await finishCreating(env, user, town);
    if (town.state === 'deleting') await finishDeleting(env, town.id);
  } catch (error) {
    logException(error, { during: town.state, town: town.id });
    return false;
  }
  return town.state !== 'deleting';
}

export async function deleteTown(env: Env, town: TownEntry, typedName: string): Promise<void> {
  if (typedName !== town.name)
    throw new Refused(failure('invalid_input', `name: expected ${JSON.stringify(town.name)}, the name of the town.`));
  await markDeleting(env.DB, town.id);
  await finishDeleting(env, town.id);
}

async function finishDeleting(env: Env, townId: string): Promise<void> {
  // A town with very many agents takes a while; the listing after its end takes it out of the directory.
  if (await townObject(env, townId).destroy(townId)) await removeTown(env.DB, townId, Date.now());
}

function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Refused(result.failure);
  return result.value;
}
