import { z } from 'zod';

// eslint-disable-next-line no-control-regex -- these are what must not come in
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
// eslint-disable-next-line no-control-regex -- what a terminal acts on: its sequences, its strings whole, controls; tab and line feed stay
const TERMINAL = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/**
 * What turns the text around it, and what nobody sees: spaces and vowels without width, hyphens of no line, tags (but those of a flag). A model reads what a person does not see.
 */
const UNSEEN =
  /(\u{1f3f4}[\u{e0061}-\u{e007a}]{2,6}\u{e007f})|[\u034f\u17b4\u17b5\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;
/** Letters that look like a space. */
const FILLERS = /[\u3164\uffa0]/g;
/** Joiners and the marks of direction, which Persian, Hebrew and emoji need, and selectors: of a run one of each says all there is to say. */
const JOINING =
  /(?=[\ufe00-\ufe0f\u061c\u200c-\u200f])([\ufe00-\ufe0f]?)[\ufe00-\ufe0f]*([\u061c\u200c-\u200f]?)[\ufe00-\ufe0f\u061c\u200c-\u200f]*/g;
const withoutUnseen = (text: string): string => text.replace(UNSEEN, '$1').replace(FILLERS, ' ').replace(JOINING, '$1$2');

/** Text of several lines as a person sees it: without what only a terminal acts on, what cannot be seen, and what turns it around. */
export const plainText = (text: string): string => withoutUnseen(text.toWellFormed().replace(TERMINAL, ''));
const CONTROLS = new RegExp(CONTROL, 'g');
/** Made one line: what may not be in it is a space. */
export const plainLine = (text: string): string => withoutUnseen(text.toWellFormed().replace(CONTROLS, ' ')).trim();

/** Something that a person can see: marks without width and spaces alone are none. */
const isSeen = (text: string): boolean => /[^\p{C}\p{Z}\u115f\u1160\u2800\u3164]/u.test(text);
const SEEN = 'must have something that can be seen';

/** One line that a person reads and git carries: trimmed, not empty, whole characters, no control characters, nothing that turns the text
 * around it the other way. What nobody sees is left out. */
export const oneLine = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => text.isWellFormed() && !CONTROL.test(text), 'must be one line without control characters')
    .transform((text) => withoutUnseen(text).trim())
    .refine(isSeen, SEEN);

/** Text of several lines. What only a terminal acts on (colour codes of a pasted log, a NUL) is left out rather than refused. */
export const manyLines = (max: number) => z.string().max(max).transform(plainText);

/** The same, and something must be said. */
export const message = (max: number) => z.string().trim().min(1).max(max).transform(plainText).refine(isSeen, SEEN);

/** A name that git takes as an author: one line, with a letter or digit, without angle brackets. */
export const gitIdentity = (max: number) =>
  oneLine(max).refine((text) => !/[<>]/.test(text) && /[\p{L}\p{N}]/u.test(text), 'must have a letter or digit and no < or >');
