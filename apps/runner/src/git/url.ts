import { ok, refuse, failure } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';

/** How a repository is reached. `scope` is the origin that a token may be sent to. */
export type RepositoryUrl =
  | { readonly kind: 'http'; readonly url: string; readonly scope: string }
  | { readonly kind: 'ssh'; readonly url: string }
  | { readonly kind: 'path'; readonly url: string };

const unsafe = (why: string): Result<never> => refuse(failure('repository_unsafe', `This repository address is not allowed: ${why}.`));

/** Only addresses that git treats as an address: no options, no `ext::` commands, no credentials in the text. */
export function parseRepositoryUrl(text: string): Result<RepositoryUrl> {
  const url = text.trim();
  if (url === '' || /[\s\p{C}]/u.test(url)) return unsafe('it is empty, or holds spaces or control characters');
  if (url.startsWith('-')) return unsafe('it begins with a dash');
  if (/^[a-z0-9+.-]*::/i.test(url)) return unsafe('helper programs are not allowed');
  if (url.startsWith('/')) return ok({ kind: 'path', url });
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return parseSchemeUrl(url);
  return parseScpUrl(url);
}

/** What git, its helpers and we could read differently is in none of them: other letters, `\\`, `%`, a second `@`. */
const WHO = /^(?:(?<user>[A-Za-z0-9_.][A-Za-z0-9_.-]*)@)?(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])(?::\d+)?$/;

function parseSchemeUrl(text: string): Result<RepositoryUrl> {
  if (!URL.canParse(text)) return unsafe('it cannot be read');
  const url = new URL(text);
  const [, who = '', path = ''] = /^[^:]+:\/\/([^/]*)(.*)$/.exec(text) ?? [];
  if (/[?#]/.test(path)) return unsafe('it holds ? or #');
  switch (url.protocol) {
    case 'http:':
    case 'https:':
      if (url.username !== '' || url.password !== '') return unsafe('give the token in its own field, not in the address');
      if (who.includes('@') || !WHO.test(who)) return unsafe('its host cannot be read');
      return ok({ kind: 'http', url: url.href, scope: `${url.origin}/` });
    case 'ssh:':
      if (url.password !== '') return unsafe('no password in the address');
      if (!WHO.test(who)) return unsafe('its user or host cannot be read');
      return ok({ kind: 'ssh', url: text });
    case 'file:':
      return url.host === '' && path.length > 1 ? ok({ kind: 'path', url: text }) : unsafe('a file address names no host');
    default:
      return unsafe(`${url.protocol}// is not supported`);
  }
}

/** `git@host:owner/repo.git`; without a user the host has a dot, for `javascript:x` is no place. */
function parseScpUrl(text: string): Result<RepositoryUrl> {
  const found = /^(?:(?<user>[A-Za-z0-9_.][A-Za-z0-9_.-]*)@)?(?<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?<path>[^-\s\\][^\s\\]*)$/.exec(text);
  const { user, host = '' } = found?.groups ?? {};
  return found === null || (user === undefined && !host.includes('.'))
    ? unsafe('use https, ssh, or an absolute path on this machine')
    : ok({ kind: 'ssh', url: text });
}
