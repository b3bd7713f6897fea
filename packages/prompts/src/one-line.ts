import { plainLine } from '@gastown/protocol';

/** One line: no line breaks, so that a title cannot begin a section, and nothing that cannot be seen. */
export const oneLine = (text: string): string => plainLine(text).replaceAll(/\s+/g, ' ').trim();
