import { AgentId, RunnerId, TownId } from '@gastown/protocol';
import { standingOf, stateOf, type TownEntry } from '../directory/towns.ts';
import { sessionOf, type Session, type User } from '../directory/users.ts';
import type { Env } from '../env.ts';
import { sameSecret } from '../secrets/bytes.ts';
import { holderOfRunnerToken, type RunnerHolder } from '../secrets/tokens.ts';
import { Refused, refuseWith } from './answers.ts';
import { sessionTokenOf } from './cookie.ts';
import { requireNoBrowser } from './site.ts';
import { townObject } from './town-life.ts';

/**
 * Who may use a route. Every route names one of these; there is no default but refusal.
 * The directory decides before any object is touched: an unknown town creates nothing.
 */
export async function requirePerson(request: Request, env: Env): Promise<User> {
  return (await requireSession(request, env)).user;
}

async function requireSession(request: Request, env: Env): Promise<{ user: User; session: Session }> {
  const token = sessionTokenOf(request);
  const found = token && (await sessionOf(env.DB, token, Date.now()));
  return found || refuseWith('not_signed_in');
}

interface Member {
  readonly user: User;
  readonly session: Session;
  readonly town: TownEntry;
}
export async function requireMember(request: Request, env: Env, townId: string): Promise<Member> {
  const { user, session } = await requireSession(request, env);
  if (!TownId.safeParse(townId).success) return refuseWith('unknown_town');
  const standing = await standingOf(env.DB, user, townId);
  if (standing.kind === 'deleted') return refuseWith('town_deleted');
  // A stranger learns nothing: another's town looks like none.
  if (standing.kind !== 'member') return refuseWith('unknown_town');
  return { user, session, town: standing.town };
}

/** A town that can be used: not on its way out. */
export async function requireLiveTown(request: Request, env: Env, townId: string): Promise<Member> {
  const found = await requireMember(request, env, townId);
  if (found.town.state === 'deleting') refuseWith('town_deleted');
  if (found.town.state === 'creating') refuseWith('overloaded', 'The town is still being created.');
  return found;
}

export const agentIdOf = (text: string): AgentId => {
  const parsed = AgentId.safeParse(text);
  return parsed.success ? parsed.data : refuseWith('unknown_agent');
};

const bearerOf = (request: Request): string => /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';

/** A runner's token names its town and which runner it is (contracts, worker); the town knows whether it is still good. */
export async function requireRunner(request: Request, env: Env): Promise<RunnerHolder> {
  requireNoBrowser(request);
  const holder = await holderOfRunnerToken(env.SEAL_KEY, bearerOf(request));
  if (!holder) return refuseWith('not_signed_in', 'The runner token is missing or wrong.');
  const { townId, runnerId, serial } = holder;
  const state = await stateOf(env.DB, townId);
  if (state === 'deleted' || state === 'deleting') refuseWith('town_deleted');
  if (state !== 'active') refuseWith('unknown_town');
  const refused = await townObject(env, townId).runnerRefused(runnerId, serial);
  if (refused) throw new Refused(refused);
  return holder;
}

export const runnerIdOf = (text: string): RunnerId => {
  const parsed = RunnerId.safeParse(text);
  return parsed.success ? parsed.data : refuseWith('unknown_runner');
};

export async function requireHost(request: Request, env: Env): Promise<void> {
  requireNoBrowser(request);
  if (!(await sameSecret(request.headers.get('x-host-key') ?? '', env.HOST_KEY)))
    refuseWith('not_signed_in', 'The host key is missing or wrong.');
}
