import { ok, refuse } from '@gastown/protocol';
import type { Result, RigId } from '@gastown/protocol';
import type { Redactor } from '../system/redact.ts';
import { gitFailure } from './failures.ts';
import type { Git, GitCall, GitOutput } from './git.ts';
import { parseRepositoryUrl } from './url.ts';
import type { RepositoryUrl } from './url.ts';

/**
 * Talks to repositories outside. Owns the tokens of the rigs, in memory only (GT-7): asked for over the link when first needed, asked again for each run and
 * once when the repository refuses them (GT-6).
 */
export interface Remotes {
  /** Runs one git command that talks to the repository; `args` receives the address. The output may be a failed one: the caller words it. */
  run(rigId: RigId, gitUrl: string, call: GitCall, args: (url: string) => string[]): Promise<Result<GitOutput>>;
  /** The next command asks for the rig's token again. */
  renew(rigId: RigId): void;
}

export interface RemoteSurroundings {
  readonly git: Git;
  readonly redactor: Redactor;
  /** Null: the rig has no token. */
  readonly askToken: (rigId: RigId) => Promise<string | null>;
}

export function makeRemotes({ git, redactor, askToken }: RemoteSurroundings): Remotes {
  const tokens = new Map<RigId, Promise<string | null>>();
  const ask = (rigId: RigId): Promise<string | null> => {
    const asked = askToken(rigId).then((token) => {
      if (token !== null) redactor.add(token);
      return token;
    });
    tokens.set(rigId, asked);
    asked.catch(() => tokens.delete(rigId));
    return asked;
  };
  return {
    async run(rigId, gitUrl, call, args) {
      const parsed = parseRepositoryUrl(gitUrl);
      if (!parsed.ok) return parsed;
      const { value: repository } = parsed;
      const perform = (token: string | null): Promise<GitOutput> =>
        git({ ...call, config: { ...call.config, ...authorization(repository, token) } }, ...args(repository.url));
      if (repository.kind !== 'http') return ok(await perform(null));
      const held = tokens.get(rigId);
      const token = await (held ?? ask(rigId));
      const first = await perform(token);
      const refused = !first.ok && gitFailure(first, '').code === 'repository_refused';
      if (!refused || held === undefined) return ok(first);
      const fresh = await ask(rigId);
      return ok(fresh === token ? first : await perform(fresh));
    },
    renew: (rigId) => void tokens.delete(rigId),
  };
}

/** A forge takes the token as the password of any user; sent as a header it is in no address and no file. */
function authorization(repository: RepositoryUrl, token: string | null): Record<string, string> {
  if (repository.kind !== 'http' || token === null) return {};
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  return { [`http.${repository.scope}.extraHeader`]: `Authorization: Basic ${basic}` };
}

/** Turns a failed output into its failure. */
export const checked = (output: Result<GitOutput>, doing: string): Result<string> => {
  if (!output.ok) return output;
  return output.value.ok ? ok(output.value.out) : refuse(gitFailure(output.value, doing));
};

export const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
