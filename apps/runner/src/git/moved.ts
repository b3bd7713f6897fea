import type { GitOutput } from './git.ts';

/**
 * A server that says that the repository is elsewhere. Git does not follow it: it would take the token along to whatever host it is sent to. Within the same host the new address is used instead (a forge adds `.git`,
 * or the repository was renamed); any other is for a person to decide on.
 */
export const isMoved = (output: GitOutput): boolean => !output.ok && /requested URL returned error: 30[1278]\b/.test(output.error);

const ASK_MS = 15_000;
const MOST_STEPS = 5;
const WHAT = '/info/refs';

/** Where the server sends who asks for this repository, null when it does not say. Only hosts that are the same as the one before are asked on; `authorization` is sent to none but the first. */
export async function newAddress(url: string, authorization: string | null): Promise<string | null> {
  let at: URL | null = null;
  for (let step = 0; step < MOST_STEPS; step++) {
    const asked: URL = at ?? new URL(`${url.replace(/\/$/, '')}${WHAT}?service=git-upload-pack`);
    const sent = await locationOf(asked, authorization);
    if (sent === null) break;
    at = sent;
    if (sent.origin !== asked.origin) break;
  }
  if (at === null || !at.pathname.endsWith(WHAT)) return null;
  return `${at.origin}${at.pathname.slice(0, -WHAT.length)}`;
}

async function locationOf(asked: URL, authorization: string | null): Promise<URL | null> {
  try {
    const headers: Record<string, string> = authorization === null ? {} : { authorization };
    const answer = await fetch(asked, { headers, redirect: 'manual', signal: AbortSignal.timeout(ASK_MS) });
    await answer.body?.cancel();
    const location = answer.headers.get('location');
    return answer.status >= 300 && answer.status < 400 && location !== null ? new URL(location, asked) : null;
  } catch {
    // No answer, or an address that cannot be read: it does not say.
    return null;
  }
}
