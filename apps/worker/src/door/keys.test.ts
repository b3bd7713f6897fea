import { describe, expect, it } from 'vitest';
import { call } from '../../test/door.ts';
import { HOSTILE_CASES } from './keys.hostile.ts';

/** Any six characters of it, as it is or as somebody reads them out of base64, hex or an address. */
function holdsKey(text: string, key: string): boolean {
  const words = text.split(/[^A-Za-z0-9+/_%-]+/);
  const hex = (word: string): string => word.replaceAll(/../g, (two) => String.fromCharCode(Number.parseInt(two, 16) || 0));
  const base64 = (word: string): string => {
    const plain = word
      .replaceAll('-', '+')
      .replaceAll('_', '/')
      .replaceAll(/[^A-Za-z0-9+/]/g, '');
    return atob(plain.slice(0, plain.length - (plain.length % 4)));
  };
  const address = (word: string): string =>
    word.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  const read = [text, ...words.flatMap((word) => [hex(word), address(word), ...[0, 1, 2, 3].map((at) => base64(word.slice(at)))])];
  return Array.from({ length: key.length - 5 }, (_, at) => key.slice(at, at + 6)).some((part) => read.some((each) => each.includes(part)));
}

describe('a key that a provider repeats', () => {
  it.each(HOSTILE_CASES)('$id: reaches neither agent nor town, in whatever writing (I16)', async ({ id }) => {
    const key = 'xk/Tw+9"Lq2Zr7';
    for (const status of [400, 429, 200]) {
      const { response, troubles, settled } = await call('echoes', { townKey: key, body: { user: id, status, stream: true } });
      const told = await response.text();
      await settled();
      expect([status, response.status]).toEqual([status, status]);
      expect(troubles).toHaveLength(status === 400 ? 0 : 1);
      const kept = troubles.map(({ message }) => message).join();
      // An answer that began well is the model's own words: it passes unchanged.
      expect([status, status === 200 ? false : holdsKey(told, key), holdsKey(kept, key)]).toEqual([status, false, false]);
    }
  });
});
