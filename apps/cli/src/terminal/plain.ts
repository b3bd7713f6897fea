/** What comes from a town, on one line: no name draws on the terminal. */
export const plain = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ');
