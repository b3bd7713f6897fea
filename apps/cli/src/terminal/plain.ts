/** What acts on a terminal or cannot be seen there (controls, marks that turn the text around them, marks without width) becomes a space, or in JSON its number. */

/** What comes from elsewhere, on one line. */
export const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');

/** The same of several lines. */
export const plainLines = (text: string): string => text.replaceAll(/[[\p{Cc}\p{Cf}\u2028\u2029]--[\n\t]]+/gv, ' ');

/** JSON that says the same; what stands outside its strings stays. */
export const plainJson = (json: string): string =>
  json.replaceAll(/[[\p{Cc}\p{Cf}\u2028\u2029]--[\n\r\t]]/gv, (unseen) =>
    [0, 1].map((at) => (at < unseen.length ? `\\u${unseen.charCodeAt(at).toString(16).padStart(4, '0')}` : '')).join(''),
  );
