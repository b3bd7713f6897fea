/** What a page shows, as `read.ts` found it, and what is wrong with it (UI-20, design/ui.md §1). Pure, so that each rule is seen to fail. */
import { greyContrast, isColoured, rgbOf } from './grey.ts';

export interface Seen {
  /** What can be read on the screen, without alerts and toasts. */
  readonly words: string;
  readonly alerts: string;
  readonly toasts: string;
  readonly h1: readonly string[];
  readonly h2: readonly string[];
  readonly mains: number;
  /** What stands for something that is still to come. */
  readonly waiting: readonly string[];
  readonly link: string;
  readonly sideways: boolean;
}

const WRONG = /(cannot|does not|do not) (answer|be reached)|has too much to do/;
const NEXT = /by itself|keeps (trying|asking)/;

export const saysWrong = (words: string): boolean => WRONG.test(words);

/** While everything answers 503. */
export function badDay(seen: Seen): string[] {
  const said = `${seen.words} ${seen.alerts}`;
  return [
    ...frame(seen),
    ...(WRONG.test(said) ? [] : ['does not say what is wrong']),
    ...(NEXT.test(said) ? [] : ['does not say what happens next']),
  ];
}

/** When the server answers again, `before` being how it stood on a good day. */
export function goodDay(seen: Seen, before: Seen | null): string[] {
  const lost = before ? [...before.h1, ...before.h2].filter((title) => !seen.h1.includes(title) && !seen.h2.includes(title)) : [];
  return [
    ...frame(seen),
    ...(WRONG.test(seen.words) ? ['still says that something is wrong'] : []),
    ...lost.map((title) => `did not show “${title}” again`),
  ];
}

function frame(seen: Seen): string[] {
  return [
    ...(seen.words.length < 20 ? ['is blank'] : []),
    ...(seen.h1.length === 0 ? ['has no heading'] : []),
    ...(seen.mains === 1 ? [] : [`has ${seen.mains} main landmarks`]),
    ...seen.waiting.map((what) => `waits without an end: ${what}`),
    ...(seen.sideways ? ['scrolls sideways'] : []),
  ];
}

/** A text and what is behind it. */
export interface Ink {
  readonly where: string;
  readonly text: string;
  readonly back: string;
  /** What WCAG asks of its size. */
  readonly least: number;
}

export const tooFaint = (inks: readonly Ink[]): string[] =>
  inks.flatMap(({ where, text, back, least }) => {
    const [one, other] = [rgbOf(text), rgbOf(back)];
    if (!one || !other) return [];
    const contrast = greyContrast(one, other);
    return contrast < least ? [`text too faint in grey: ${contrast.toFixed(2)} of ${least} (${text} on ${back}) at ${where}`] : [];
  });

/** Something drawn that holds no text: an icon, a dot, a part of a bar. */
export interface Mark {
  readonly where: string;
  /** Everything about it but its colour. */
  readonly form: string;
  readonly colour: string;
  /** The word of a state that it stands for. */
  readonly sign: string | null;
  /** What is read out for it or written beside it. */
  readonly told: string;
  /** The colour of what touches it on its right or its top, where that has no pattern and no text either. */
  readonly beside: string | null;
}
const APART = 1.3;
const APART_BESIDE = 1.5;

/** States are told by form and word; anything else of the same form must at least differ in its grey. */
export function colourOnly(marks: readonly Mark[]): string[] {
  const mute = marks
    .filter(({ sign, told }) => sign !== null && !told.includes(sign))
    .map(({ sign, where }) => `nothing says “${sign}” at ${where}`);
  const touching = marks
    .filter(({ colour, beside }) => beside !== null && alike(colour, beside, APART_BESIDE))
    .map(({ where, colour, beside }) => `one part ends where the other begins and grey does not show it: ${colour}, ${beside} at ${where}`);
  const same = [...Map.groupBy(marks, ({ form }) => form).values()].flatMap((group) =>
    group
      .filter((mark, at) => at === group.findIndex(({ colour }) => colour === mark.colour))
      .flatMap((mark, at, all) => all.slice(at + 1).map((other) => [mark, other] as const))
      .filter(([one, other]) => alike(one.colour, other.colour, one.sign === null ? APART : Infinity))
      .map(([one, other]) => `told apart by colour only: ${one.where} (${one.colour}), ${other.where} (${other.colour})`),
  );
  return [...new Set([...mute, ...touching, ...same])];
}

/** Two colours that differ, at least one of them more than a grey, and that grey alone does not part. */
function alike(one: string, other: string, apart: number): boolean {
  const [a, b] = [rgbOf(one), rgbOf(other)];
  return one !== other && a !== null && b !== null && (isColoured(a) || isColoured(b)) && greyContrast(a, b) < apart;
}
