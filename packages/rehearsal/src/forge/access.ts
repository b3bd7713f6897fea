import type { IncomingMessage } from 'node:http';

/** What a token may do. Without `repos` it reaches every repository of the server. */
export interface TokenGrant {
  readonly user: string;
  readonly push: boolean;
  readonly repos?: readonly string[];
}
export type Tokens = Readonly<Record<string, TokenGrant>>;

/** The answer of the forge to "may this request do that": refused as GitHub refuses it. */
export type Access =
  | { readonly ok: true; readonly user: string }
  | { readonly ok: false; readonly status: 401 | 403 | 404; readonly message: string };

/**
 * No token or a bad one: 401. A token that may not see the repository: 404, as if it were not there. One that may not push: 403.
 */
export function accessOf(request: IncomingMessage, tokens: Tokens, repo: string, push: boolean): Access {
  const token = tokenOf(request.headers.authorization ?? '');
  const grant = token === null || !Object.hasOwn(tokens, token) ? undefined : tokens[token];
  if (grant === undefined) {
    return { ok: false, status: 401, message: token === null ? 'Authentication required.' : 'Invalid username or token.' };
  }
  if (grant.repos !== undefined && !grant.repos.includes(repo)) return { ok: false, status: 404, message: 'Repository not found.' };
  if (push && !grant.push) return { ok: false, status: 403, message: `Permission to ${repo}.git denied to ${grant.user}.` };
  return { ok: true, user: grant.user };
}

/** The token is the password of any user name (`x-access-token:TOKEN`), or a bearer token. */
function tokenOf(header: string): string | null {
  const [, scheme, value] = /^(Basic|Bearer|token)\s+(\S+)$/i.exec(header) ?? [];
  if (scheme === undefined || value === undefined) return null;
  if (scheme.toLowerCase() !== 'basic') return value;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 0) return null;
  // GitHub takes a token in the place of the user name too.
  return pair.slice(colon + 1) || pair.slice(0, colon) || null;
}
