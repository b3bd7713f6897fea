import { fromBase64, fromUtf8, toBase64Url, utf8 } from './bytes.ts';

/**
 * Sealing: AES-GCM under SEAL_KEY with a random iv. Format: base64url of version byte, 12 bytes iv, ciphertext with tag.
 * The town and the purpose are associated data: a sealed text moved to another town or another use does not open.
 */
export type Purpose = 'rig-token' | 'model-key';
const VERSION = 1;

const keyOf = (sealKey: string) => crypto.subtle.importKey('raw', fromBase64(sealKey), 'AES-GCM', false, ['encrypt', 'decrypt']);
const bound = (townId: string, purpose: Purpose) => utf8(`gastown:${VERSION}:${townId}:${purpose}`);

export async function seal(sealKey: string, townId: string, purpose: Purpose, clear: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const algorithm = { name: 'AES-GCM', iv, additionalData: bound(townId, purpose) };
  const box = new Uint8Array(await crypto.subtle.encrypt(algorithm, await keyOf(sealKey), utf8(clear)));
  return toBase64Url(Uint8Array.of(VERSION, ...iv, ...box));
}

/** Null when the text was made under another key (the person lost the one before), for another town or purpose, or was changed. */
export async function unseal(sealKey: string, townId: string, purpose: Purpose, sealed: string): Promise<string | null> {
  const bytes = fromBase64(sealed);
  if (bytes[0] !== VERSION) return null;
  const algorithm = { name: 'AES-GCM', iv: bytes.slice(1, 13), additionalData: bound(townId, purpose) };
  try {
    return fromUtf8(await crypto.subtle.decrypt(algorithm, await keyOf(sealKey), bytes.slice(13)));
  } catch (error) {
    if (error instanceof DOMException && error.name === 'OperationError') return null;
    throw error;
  }
}

/** The last four characters; of a short secret fewer, so that most of it stays hidden. */
export const hintOf = (clear: string): string => clear.slice(clear.length - Math.min(4, Math.floor(clear.length / 4)));
