import { LIMITS } from '@gastown/protocol';
import { forgetSockets, noteSocket, owedClosings, type Owed, type Place } from '../directory/page-sockets.ts';
import type { Session } from '../directory/users.ts';
import type { Env } from '../env.ts';
import { tryAgain } from '../retry.ts';
import { logException, refuseWith } from './answers.ts';
import { upgradeFor } from './sockets.ts';

/**
 * Sockets of pages, which end with their session (WS-17). A socket is noted after its object has it, and only while its session is there: so either the end of the
 * session finds the note, or the note finds the session ended. A closing that was cut off is still owed, and the next sign-in or sign-out does it.
 */
const TRIES = { tries: 3, baseMs: 50 } as const;
const TOGETHER = 10;

const objectAt = (env: Env, { townId, agentId }: Place) =>
  agentId === null ? env.TOWN.get(env.TOWN.idFromName(townId)) : env.AGENT.get(env.AGENT.idFromName(`${townId}/${agentId}`));

export async function openForPage(
  { request, env, session }: { request: Request; env: Env; session: Session },
  place: Place,
  who: Record<string, string> & { role: string },
): Promise<Response> {
  const object = objectAt(env, place);
  const opened = await object.fetch(upgradeFor(request, { ...who, session: session.id, until: String(session.until) }));
  if (opened.status !== 101 || (await noteSocket(env.DB, { session: session.id, ...place }, Date.now()))) return opened;
  await object.endSession(session.id);
  return refuseWith('not_signed_in');
}

/** Closes what sessions that are over still have open, a bounded number of places a turn. */
export async function closeOwed(env: Env): Promise<void> {
  const owed = await owedClosings(env.DB, LIMITS.agentsDestroyed.value);
  for (let at = 0; at < owed.length; at += TOGETHER) {
    const group = owed.slice(at, at + TOGETHER);
    const closed = await Promise.all(group.map((each) => isClosed(env, each)));
    await forgetSockets(
      env.DB,
      group.filter((_, one) => closed[one]),
    );
  }
}

/** One that does not answer stays owed, and the others are closed all the same. */
async function isClosed(env: Env, owed: Owed): Promise<boolean> {
  try {
    await tryAgain(() => objectAt(env, owed).endSession(owed.session), TRIES);
    return true;
  } catch (error) {
    logException(error, { during: 'end of a session', town: owed.townId, agent: owed.agentId ?? '' });
    return false;
  }
}
