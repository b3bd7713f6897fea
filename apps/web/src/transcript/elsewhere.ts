/** What of a word would be a host or an address of mail. */
const named = (word: string): string =>
  word
    .replace(/^.*?:\/\//, '')
    .replace(/[/?#\\].*$/, '')
    .replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
const isAddress = (word: string): boolean => word.includes('://') || /[\p{L}\p{N}]\.\p{L}{2,}/u.test(named(word));

/** Where a link goes whose words name another address than its own: its host, or who gets the mail; else null. Words are read as an eye reads them, hosts as a browser names them. */
export function elsewhere(words: string, href: string): string | null {
  if (!URL.canParse(href)) return null;
  const to = new URL(href);
  const own = to.protocol === 'mailto:' ? to.pathname : to.host;
  const seen = words
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll('。', '.')
    .toLowerCase();
  return seen.split(/\s+/).some((word) => isAddress(word) && named(word) !== own.toLowerCase()) ? own : null;
}
