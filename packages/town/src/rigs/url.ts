import { failure, ok, refuse, type Result } from '@gastown/protocol';

/**
 * Repository addresses that git may be given: https, http, ssh, `git@host:path`, file URLs and absolute paths. Anything that git would read as an
 * option or run as a helper (`ext::`, leading `-`) is refused, and so are credentials in the address: they belong into the token field.
 */
const refusal = (message: string): Result<never> => refuse(failure('repository_unsafe', message));
const SCP = /^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\s:][^\s]*$/;

export function safeGitUrl(given: string): Result<string> {
  const url = given.trim();
  // oxlint-disable-next-line no-control-regex -- control characters are what this refuses
  if (/[\u0000-\u0020\u007f]/.test(url)) return refusal('The address of a repository has no spaces and no control characters.');
  if (url.startsWith('-')) return refusal('The address of a repository does not begin with a dash.');
  if (url.startsWith('/')) return url.split('/').includes('..') ? refusal('The path of a repository is written without `..`.') : ok(url);
  if (SCP.test(url) && !url.includes('::'))
    return url.includes(':-') ? refusal('The path of a repository does not begin with a dash.') : ok(url);
  const found = /^(https?|ssh|file):\/\/([^/]*)(\/.*)?$/.exec(url);
  if (!found) return refusal('The address begins with https://, http://, ssh://, file:// or /, or is written git@host:path.');
  const [, scheme = '', host = '', path = ''] = found;
  if (scheme === 'file') return host === '' && path.length > 1 ? ok(url) : refusal('A file address is written file:///path.');
  const [user, ...rest] = host.includes('@') ? host.slice(0, host.lastIndexOf('@')).split(':') : [''];
  if (rest.length > 0 || (scheme !== 'ssh' && user !== '')) {
    return refusal('The address must not carry a name, token or password; put the token into the token field of the rig.');
  }
  const bare = host.slice(host.lastIndexOf('@') + 1);
  if (!/^[A-Za-z0-9[][A-Za-z0-9.:\]-]*$/.test(bare) || path.length < 2) return refusal('The address names a host and a path.');
  return ok(url);
}

/** Two addresses of one repository look the same after this. */
export const sameRepository = (a: string, b: string): boolean => plain(a) === plain(b);
const plain = (url: string): string => {
  const cut = url
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .replace(/^file:\/\//, '');
  return cut.replace(/^([a-z]+:\/\/)([^/]*)/i, (_, scheme: string, host: string) => scheme.toLowerCase() + host.toLowerCase());
};
