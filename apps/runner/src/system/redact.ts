/**
 * Secrets that this process holds in memory. Whatever leaves it as text (logs, failures, outputs) passes through `redact` first,
 * so that a git server that echoes a token, or a stack trace with one in it, shows stars (GT-7).
 */
export interface Redactor {
  add(secret: string): void;
  redact(text: string): string;
}

/** Shorter texts would blank ordinary words. */
const SHORTEST = 6;

export function makeRedactor(): Redactor {
  const secrets = new Set<string>();
  return {
    add(secret) {
      if (secret.length < SHORTEST) return;
      secrets.add(secret);
      secrets.add(encodeURIComponent(secret));
      secrets.add(Buffer.from(`x-access-token:${secret}`).toString('base64'));
    },
    redact(text) {
      let clean = text.replaceAll(/(https?:\/\/)[^\s/@:]+:[^\s/@]+@/g, '$1');
      for (const secret of secrets) clean = clean.replaceAll(secret, '****');
      return clean;
    },
  };
}
