import { failure, ok, refuse, type Result } from '@gastown/protocol';

/**
 * Repository addresses that git may be given: https, http, ssh, `git@host:path`, file URLs and absolute paths. Anything that git would read as an
 * option or run as a helper (`ext::`, leading `-`) is refused, and so are credentials in the address: they belong into the token field.
 */
const refusal = (message: string): Result<never> => refuse(failure('repository_unsafe', message));
const SCP = /^[A-Za-z0-9_.][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^\s:][^\s]*$/;
const USER = /^[A-Za-z0-9_.][A-Za-z0-9._-]*$/;

export function safeGitUrl(given: string): Result<string> {
  const url = given.trim().replace(/^[a-z]+:\/\//i, (scheme) => scheme.toLowerCase());
  if (/[\s\p{C}]/u.test(url)) return refusal('The address of a repository has no spaces and no control characters.');
  if (url.startsWith('-')) return refusal('The address of a repository does not begin with a dash.');
  if (url.startsWith('/')) return url.split('/').includes('..') ? refusal('The path of a repository is written without `..`.') : ok(url);
  if (SCP.test(url) && !url.includes('::'))
    return url.includes(':-') ? refusal('The path of a repository does not begin with a dash.') : ok(url);
  const found = /^(https?|ssh|file):\/\/([^/]*)(\/.*)?$/.exec(url);
  if (!found) return refusal('The address begins with https://, http://, ssh://, file:// or /, or is written git@host:path.');
  const [, scheme = '', host = '', path = ''] = found;
  if (scheme === 'file') return host === '' && path.length > 1 ? ok(url) : refusal('A file address is written file:///path.');
  const user = host.includes('@') ? host.slice(0, host.lastIndexOf('@')) : null;
  if (user !== null && (scheme !== 'ssh' || user.includes(':'))) {
    return refusal('The address must not carry a name, token or password; put the token into the token field of the rig.');
  }
  if (/[?#]/.test(path)) return refusal('The address has no ? and no #; put a token into the token field of the rig.');
  if (user !== null && !USER.test(user)) return refusal('The user of the address is a plain name, git say.');
  return isHost(host.slice(host.lastIndexOf('@') + 1)) && path.length > 1 ? ok(url) : refusal('The address names a host and a path.');
}
/** A name, an IPv4 or a bracketed IPv6 address, and perhaps a port. */
function isHost(host: string): boolean {
  const [, port = '1'] = /^(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::(\d+))?$/.exec(host) ?? [null, '0'];
  return Number(port) > 0 && Number(port) < 65_536;
}

/** Two addresses of one repository look the same after this. A forge has it under both names, with and without `.git`; on a disk these may be two folders, each a repository. */
export const sameRepository = (a: string, b: string): boolean => plain(a) === plain(b);
const plain = (url: string): string => {
  const path = url.replace(/\/+$/, '').replace(/^file:\/\//, '');
  if (path.startsWith('/')) return path;
  return path
    .replace(/\.git$/, '')
    .replace(/^([a-z]+:\/\/)([^/]*)/i, (_, scheme: string, host: string) => scheme.toLowerCase() + host.toLowerCase());
};
