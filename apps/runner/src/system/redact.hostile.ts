/** Ways in which a secret stands in what leaves the runner. `shown` is told; nothing of the secret may be in what is left. */
export const SECRET = 'gho_aB3/dE6+gH9jK2mN5"pQ8\\sT1';
const inBase64 = (text: string): string => Buffer.from(text).toString('base64');
const address = encodeURIComponent(SECRET);

export interface HostileText {
  readonly id: string;
  readonly shown: string;
  /** What must be left; absent: only that no part of the secret is. */
  readonly left?: string;
}

export const HOSTILE_CASES: readonly HostileText[] = [
  { id: 'plain', shown: `token ${SECRET} of ada`, left: 'token **** of ada' },
  { id: 'twice-in-a-row', shown: SECRET + SECRET, left: '********' },
  { id: 'in-json', shown: JSON.stringify({ token: SECRET }), left: '{"token":"****"}' },
  { id: 'in-json-in-json', shown: JSON.stringify(JSON.stringify({ token: SECRET })) },
  { id: 'in-a-query', shown: `https://evil.example/?q=${address}&x=1`, left: 'https://evil.example/?q=****&x=1' },
  { id: 'in-a-query-small', shown: `/?q=${address.replaceAll(/%../g, (code) => code.toLowerCase())}`, left: '/?q=****' },
  { id: 'base64', shown: inBase64(SECRET) },
  { id: 'base64-one-before', shown: inBase64(`:${SECRET}`) },
  { id: 'base64-two-before', shown: inBase64(`u:${SECRET}`) },
  { id: 'base64-with-more-behind', shown: inBase64(`token=${SECRET}&and=more`) },
  { id: 'base64-for-addresses', shown: Buffer.from(`ada:${SECRET}:x`).toString('base64url') },
  { id: 'basic-of-ours', shown: `> Authorization: Basic ${inBase64(`x-access-token:${SECRET}`)}` },
  { id: 'basic-of-any-user', shown: `> authorization: basic ${inBase64(`oauth2:${SECRET}`)}` },
  { id: 'bearer', shown: `> Authorization: Bearer ${SECRET}`, left: '> Authorization: Bearer ****' },
  { id: 'hex', shown: `00 ${Buffer.from(SECRET).toString('hex')} 0a`, left: '00 **** 0a' },
  { id: 'hex-large', shown: Buffer.from(SECRET).toString('hex').toUpperCase(), left: '****' },
  { id: 'cut-at-the-end', shown: `fatal: could not read ${SECRET.slice(0, 20)}`, left: 'fatal: could not read ****' },
  { id: 'cut-at-the-beginning', shown: `${SECRET.slice(-20)} is refused`, left: '**** is refused' },
  { id: 'cut-in-base64', shown: `Basic ${inBase64(`x-access-token:${SECRET}`).slice(0, -9)}` },
  { id: 'cut-within', shown: `token ${SECRET.slice(0, 18)}... is refused`, left: 'token ****... is refused' },
  { id: 'cut-within-base64', shown: `Basic ${inBase64(`x-access-token:${SECRET}`).slice(0, -9)}..., refused` },
  { id: 'cut-is-all-there-is', shown: SECRET.slice(0, 15), left: '****' },
  { id: 'in-an-address', shown: 'https://ada:hunter22@host/r', left: 'https://host/r' },
  { id: 'in-an-address-alone', shown: `https://${'ghx_1234567890'}@host/r`, left: 'https://host/r' },
  { id: 'in-an-address-with-an-at', shown: 'https://ada:hun@ter22@host/r', left: 'https://host/r' },
  { id: 'in-an-address-no-user', shown: 'https://:hunter22@host/r', left: 'https://host/r' },
  { id: 'in-an-address-large', shown: 'HTTPS://ada:hunter22@host/r', left: 'HTTPS://host/r' },
  { id: 'in-another-address', shown: 'postgres://ada:hunter22@db/x', left: 'postgres://db/x' },
  { id: 'in-an-address-of-git', shown: 'git+https://ada:hunter22@host/r', left: 'git+https://host/r' },
  { id: 'in-an-address-with-a-comma', shown: 'https://ada:hun,(ter22@host/r', left: 'https://host/r' },
  { id: 'in-an-address-of-digits', shown: 'https://ada:12345@host/r', left: 'https://host/r' },
  { id: 'no-user-but-a-link', shown: '[docs](https://example.com),ada@example.org', left: '[docs](https://example.com),ada@example.org' },
  { id: 'no-user-behind-a-port', shown: '(http://localhost:3000),ada@example.org', left: '(http://localhost:3000),ada@example.org' },
  { id: 'no-user-but-a-cell', shown: '|https://example.com|@bob|', left: '|https://example.com|@bob|' },
  {
    id: 'no-user-but-code',
    shown: '`https://example.com`@bob;{https://example.com}@bob',
    left: '`https://example.com`@bob;{https://example.com}@bob',
  },
  { id: 'a-name-is-none', shown: 'ssh://git@host/r', left: 'ssh://git@host/r' },
  { id: 'addresses-one-after-the-other', shown: 'https://a:b@x/1 https://c:d@y/2', left: 'https://x/1 https://y/2' },
  {
    id: 'no-address-but-json',
    shown: '{"open":"http://localhost:3000","mail":"ada@example.org"}',
    left: '{"open":"http://localhost:3000","mail":"ada@example.org"}',
  },
];
