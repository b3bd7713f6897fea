/** Every runtime that this package is for has them; their types come with neither of them. */
declare const TextEncoder: { new (): { encode(text: string): Uint8Array } };
declare const btoa: (bytes: string) => string;

/** Shorter texts would blank ordinary words. */
const SHORTEST = 6;

/** A secret as programs write it: as it is, in JSON, in JSON inside JSON, in addresses, in base64 wherever it begins there, in hex. Of one that is too short for that, none. */
export function secretForms(secret: string): string[] {
  if (secret.length < SHORTEST) return [];
  const bytes = [...new TextEncoder().encode(secret)];
  const address = encodeURIComponent(secret.toWellFormed());
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const base64 = [0, 1, 2].map((before) => inBase64(bytes, before));
  return [
    secret,
    inJson(secret),
    inJson(inJson(secret)),
    address,
    address.replaceAll(/%../g, (code) => code.toLowerCase()),
    hex,
    hex.toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ].filter((form) => form.length >= SHORTEST);
}
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** What is the same in base64 whatever stands around the secret; `before`: bytes of the group in which it begins. */
function inBase64(secret: readonly number[], before: number): string {
  const bytes = [...Array.from({ length: before }, () => 0), ...secret];
  const whole = btoa(bytes.map((byte) => String.fromCharCode(byte)).join('')).replace(/=+$/, '');
  return whole.slice(before === 0 ? 0 : before + 1, bytes.length % 3 === 0 ? undefined : -1);
}
