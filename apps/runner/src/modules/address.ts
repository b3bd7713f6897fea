import { posix } from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { isPrivateHost } from '../git/private-address.ts';
import { parseRepositoryUrl } from '../git/url.ts';
import type { RepositoryUrl } from '../git/url.ts';

/** Where a submodule is fetched from, and whether the rig's token is for it. */
export interface ModuleAddress {
  readonly gitUrl: string;
  /** Nobody's token is sent. */
  readonly anonymous: boolean;
}

const not = (why: string): Result<never> => refuse(failure('repository_unsafe', why));

/**
 * What the address of a submodule means beside the repository that names it, and whether it may be asked. The token goes to the origin of the rig's address alone, and only along repositories that it was for themselves: what a
 * stranger's repository names is fetched as by anybody.
 */
export function moduleAddress(text: string, from: ModuleAddress): Result<ModuleAddress> {
  const parent = parseRepositoryUrl(from.gitUrl);
  if (!parent.ok) return parent;
  const url = /^\.\.?(\/|$)/.test(text) ? beside(text, parent.value) : text;
  const parsed = url === null ? not('its address leads out of the host') : parseRepositoryUrl(url);
  if (!parsed.ok) return not(`its address is not allowed: ${parsed.failure.message.replace(/^.*?: /, '').replace(/\.$/, '')}`);
  return allowed(parsed.value, parent.value, from.anonymous);
}

/**
 * Why what a stranger's repository names is not asked for where it leads: into the machine's own network, from a host that is another, or another service of the same. Null: it is.
 */
export async function refusedInside(to: ModuleAddress, from: ModuleAddress): Promise<string | null> {
  if (!to.anonymous || !URL.canParse(to.gitUrl)) return null;
  const { hostname } = new URL(to.gitUrl);
  if (URL.canParse(from.gitUrl) && service(new URL(from.gitUrl)) === service(new URL(to.gitUrl))) return null;
  const inside = await isPrivateHost(hostname).catch(() => null);
  if (inside === null) return 'nobody knows the host of its address';
  return inside ? 'its address is in the machine’s own network' : null;
}

/** Who answers there. */
const service = ({ hostname, port, protocol }: URL): string => `${hostname} ${port || protocol}`;

function allowed(to: RepositoryUrl, parent: RepositoryUrl, anonymous: boolean): Result<ModuleAddress> {
  switch (to.kind) {
    case 'http':
      if (parent.kind === 'http' && to.scope === parent.scope) return ok({ gitUrl: to.url, anonymous });
      return to.scope.startsWith('https:')
        ? ok({ gitUrl: to.url, anonymous: true })
        : not('its address is on another host and not encrypted');
    case 'ssh': {
      const there = sshPlace(to.url);
      if (parent.kind === 'ssh' && !anonymous && there?.login === sshPlace(parent.url)?.login) return ok({ gitUrl: to.url, anonymous });
      // The same host, spelt for people with keys: as the rig is reached.
      if (parent.kind === 'http' && there !== null && new URL(parent.scope).host === there.host)
        return ok({ gitUrl: `${parent.scope}${there.path}`, anonymous });
      return not('its address is over SSH, to another host than the repository’s own');
    }
    case 'path':
      return parent.kind === 'path' ? ok({ gitUrl: to.url, anonymous }) : not('its address is a path on the machine of whoever made it');
  }
}

/** As git reads a relative address: from the repository's own, one `..` for each part. Null: further up than its host. */
function beside(text: string, parent: RepositoryUrl): string | null {
  const climb = (path: string): string | null => {
    const depth = path.split('/').filter((part) => part !== '').length;
    const ups = posix
      .normalize(text)
      .split('/')
      .filter((part) => part === '..').length;
    return ups > depth ? null : posix.join('/', path, text);
  };
  if (parent.kind === 'path' && !parent.url.startsWith('file:')) return climb(parent.url);
  const scp = parent.kind === 'ssh' ? /^([^/]+?:)(?!\/\/)(.*)$/.exec(parent.url) : null;
  if (scp !== null) {
    const path = climb(scp[2]!);
    return path === null ? null : `${scp[1]!}${scp[2]!.startsWith('/') ? path : path.slice(1)}`;
  }
  const [, before = '', path = ''] = /^([a-z+.-]+:\/\/[^/]*)(\/[^]*)?$/i.exec(parent.url) ?? [];
  const climbed = climb(path);
  return climbed === null ? null : `${before}${climbed}`;
}

interface SshPlace {
  /** User and host, with the port when one is named. */
  readonly login: string;
  readonly host: string;
  readonly path: string;
}
function sshPlace(url: string): SshPlace | null {
  if (url.startsWith('ssh://')) {
    const { username, host, pathname } = new URL(url);
    return { login: `${username}@${host}`, host, path: pathname.replace(/^\/+/, '') };
  }
  const found = /^(?:([^@]+)@)?([^:]+):\/*(.*)$/.exec(url);
  return found === null ? null : { login: `${found[1] ?? ''}@${found[2]!}`, host: found[2]!, path: found[3]! };
}
