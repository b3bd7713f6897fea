/** How a provider, or who stands between, may repeat the key of a call in what it refuses: `says` is the message of its error. */
export interface HostileEcho {
  readonly id: string;
  readonly says: (key: string) => string;
}
const hex = (text: string): string => [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const percent = (text: string): string => [...text].map((sign) => (/[A-Za-z0-9]/.test(sign) ? sign : `%${hex(sign)}`)).join('');

export const HOSTILE_CASES: readonly HostileEcho[] = [
  { id: 'plain', says: (key) => `bad parameter (sent with ${key})` },
  { id: 'twice', says: (key) => `${key}${key}` },
  { id: 'as-a-header', says: (key) => `authorization: Bearer ${key}\r\nhost: x` },
  { id: 'in-json', says: (key) => JSON.stringify({ headers: { authorization: `Bearer ${key}` } }) },
  { id: 'in-an-address', says: (key) => `GET /v1?key=${encodeURIComponent(key)}&x=1` },
  { id: 'in-an-address-small', says: (key) => `GET /v1?key=${percent(key)}` },
  { id: 'base64', says: (key) => btoa(key) },
  { id: 'basic', says: (key) => `Basic ${btoa(`user:${key}`)}` },
  { id: 'basic-of-one-letter', says: (key) => `Basic ${btoa(`u:${key}:x`)}` },
  { id: 'base64-of-addresses', says: (key) => btoa(`:${key}`).replaceAll('+', '-').replaceAll('/', '_') },
  { id: 'hex', says: (key) => hex(key) },
  { id: 'hex-large', says: (key) => hex(key).toUpperCase() },
  { id: 'at-the-cut', says: (key) => `${'x'.repeat(65_536 - 60)}${key}` },
  { id: 'behind-what-is-kept', says: (key) => `${'slow '.repeat(34)}${key}` },
];
