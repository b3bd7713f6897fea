/** What a git server, or who stands before it, may say of the request that it refuses. git prints it as its own words. */
export interface HostileEcho {
  readonly id: string;
  readonly status: number;
  readonly says: (request: { readonly authorization: string; readonly token: string }) => string;
}
const hex = (text: string): string => Buffer.from(text).toString('hex');

export const HOSTILE_CASES: readonly HostileEcho[] = [
  { id: 'header', status: 403, says: ({ authorization }) => `refused: Authorization: ${authorization}` },
  { id: 'header-alone', status: 403, says: ({ authorization }) => authorization },
  { id: 'header-without-its-kind', status: 403, says: ({ authorization }) => authorization.replace('Basic ', '') },
  { id: 'header-cut', status: 403, says: ({ authorization }) => authorization.slice(0, -7) },
  { id: 'header-of-a-server-error', status: 500, says: ({ authorization }) => `trace: ${authorization}` },
  { id: 'header-of-what-is-not-there', status: 404, says: ({ authorization }) => `not found for ${authorization}` },
  { id: 'token', status: 403, says: ({ token }) => `the token ${token} may not read this` },
  { id: 'token-on-lines', status: 403, says: ({ token }) => `a\n${token}\nb` },
  { id: 'token-in-json', status: 403, says: ({ token }) => JSON.stringify({ message: `bad credentials: ${token}` }) },
  { id: 'token-in-an-address', status: 403, says: ({ token }) => `fatal: https://x-access-token:${token}@forge.example/acme/web.git` },
  { id: 'token-as-user', status: 403, says: ({ token }) => `see https://${token}@forge.example/` },
  { id: 'token-in-a-query', status: 403, says: ({ token }) => `/login?private_token=${encodeURIComponent(token)}&x` },
  { id: 'token-in-hex', status: 403, says: ({ token }) => hex(token) },
  { id: 'token-at-the-cut', status: 403, says: ({ token }) => `${token}${' error'.repeat(700)}` },
];
