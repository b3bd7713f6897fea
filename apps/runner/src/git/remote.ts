import { failure, ok, refuse, tokenUser } from '@gastown/protocol';
import type { Failure, Result, RigId } from '@gastown/protocol';
import type { Redactor } from '../system/redact.ts';
import { gitFailure } from './failures.ts';
import type { Git, GitCall, GitOutput } from './git.ts';
import { isMoved, newAddress } from './moved.ts';
import { parseRepositoryUrl } from './url.ts';
import type { RepositoryUrl } from './url.ts';

/**
 * Talks to repositories outside. Owns the tokens of the rigs, in memory only (GT-7): asked for over the link when first needed, asked again for each run and
 * once when the repository refuses them (GT-6).
 */
export interface Remotes {
  /** Runs one git command that talks to the repository; `args` receives the address. The output may be a failed one: the caller words it. `anonymous`: without the token. */
  run(rigId: RigId, gitUrl: string, call: GitCall, args: (url: string) => string[], anonymous?: boolean): Promise<Result<GitOutput>>;
  /** Speaks HTTP with the server of the repository; `perform` receives the header that authorizes it (null: the rig has no token). `refused`: the server did not take it. */
  speak<T extends { readonly refused: boolean }>(
    rigId: RigId,
    gitUrl: string,
    perform: (authorization: string | null) => Promise<T>,
  ): Promise<T>;
  /** The next command asks for the rig's token again. */
  renew(rigId: RigId): void;
}

export interface RemoteSurroundings {
  readonly git: Git;
  readonly redactor: Redactor;
  /** Null: the rig has no token. */
  readonly askToken: (rigId: RigId) => Promise<string | null>;
  /** The repository did not take the token of the rig; the town is asked for the one that it has now. */
  readonly onRefused?: (rigId: RigId) => void;
}

export function makeRemotes({ git, redactor, askToken, onRefused }: RemoteSurroundings): Remotes {
  const tokens = new Map<RigId, Promise<string | null>>();
  const ask = (rigId: RigId): Promise<string | null> => {
    const asked = askToken(rigId).then((token) => {
      if (token !== null) redactor.addPassing(token);
      return token;
    });
    tokens.set(rigId, asked);
    asked.catch(() => tokens.delete(rigId));
    return asked;
  };
  /** Instead of one that was refused. Commands that meet the same end of a token ask once: the others take what the first was given. */
  const askAgain = async (rigId: RigId, refused: Promise<string | null>): Promise<string | null> => {
    const token = await refused;
    let held = tokens.get(rigId);
    for (let seen = refused; held !== undefined && held !== seen; held = tokens.get(rigId)) {
      if ((await held) !== token) return held;
      seen = held;
    }
    if (held !== undefined) onRefused?.(rigId);
    return ask(rigId);
  };
  const withToken = async <T>(rigId: RigId, perform: (token: string | null) => Promise<T>, refused: (done: T) => boolean): Promise<T> => {
    const asked = tokens.get(rigId) ?? ask(rigId);
    const token = await asked;
    const first = await perform(token);
    if (!refused(first)) return first;
    const fresh = await askAgain(rigId, asked);
    return fresh === token ? first : perform(fresh);
  };
  /** Other addresses on the same host, by the one that the rig has. */
  const moved = new Map<string, string>();
  return {
    async run(rigId, gitUrl, call, args, anonymous = false) {
      const parsed = parseRepositoryUrl(gitUrl);
      if (!parsed.ok) return parsed;
      const { value: repository } = parsed;
      if (repository.kind !== 'http') return ok(await git(call, ...args(repository.url)));
      const perform = (url: string, token: string | null): Promise<GitOutput> =>
        git({ ...call, config: { ...call.config, ...authorization(repository, token) } }, ...args(url));
      const at = (url: string): Promise<GitOutput> =>
        anonymous
          ? perform(url, null)
          : withToken(
              rigId,
              (token) => perform(url, token),
              (first) => !first.ok && gitFailure(first, '').code === 'repository_refused',
            );
      const first = await at(moved.get(gitUrl) ?? repository.url);
      if (!first.ok) moved.delete(gitUrl);
      if (!isMoved(first)) return ok(first);
      const token = anonymous ? null : await tokens.get(rigId);
      const next = await newAddress(repository.url, token ? basic(repository.url, token) : null);
      if (next === null || `${new URL(next).origin}/` !== repository.scope) return refuse(movedAway(next));
      moved.set(gitUrl, next);
      return ok(await at(next));
    },
    speak: (rigId, gitUrl, perform) =>
      withToken(
        rigId,
        (token) => perform(token === null ? null : basic(gitUrl, token)),
        ({ refused }) => refused,
      ),
    renew: (rigId) => void tokens.delete(rigId),
  };
}

const movedAway = (address: string | null): Failure =>
  failure(
    'repository_not_found',
    `The server sends to ${address === null ? 'another address' : address} for this repository. Its token is not taken there: connect the repository by that address.`,
  );

/** A forge takes the token as a password; sent as a header it is in no address and no file. */
function authorization(repository: RepositoryUrl, token: string | null): Record<string, string> {
  if (repository.kind !== 'http' || token === null) return {};
  return { [`http.${repository.scope}.extraHeader`]: `Authorization: ${basic(repository.url, token)}` };
}
const basic = (gitUrl: string, token: string): string => `Basic ${Buffer.from(`${tokenUser(gitUrl)}:${token}`).toString('base64')}`;

/** Turns a failed output into its failure. */
export const checked = (output: Result<GitOutput>, doing: string): Result<string> => {
  if (!output.ok) return output;
  return output.value.ok ? ok(output.value.out) : refuse(gitFailure(output.value, doing));
};

export const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
