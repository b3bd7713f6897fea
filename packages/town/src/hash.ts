/** Two 32-bit hashes (FNV-1a and a mix of it) and the length: tells texts apart, and is no secret-keeper. */
export function hashOf(said: string): string {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (let at = 0; at < said.length; at += 1) {
    const code = said.charCodeAt(at);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b + code, 0x85ebca6b) ^ (b >>> 13);
  }
  return `${(a >>> 0).toString(16)}-${(b >>> 0).toString(16)}-${said.length}`;
}
/** A long text in the ledger: short ones as they are, longer ones by their hash, so that the ledger does not store them twice. */
const SHORT = 200;
export const textMark = (said: string): string => (said.length <= SHORT ? said : `#${hashOf(said)}`);
