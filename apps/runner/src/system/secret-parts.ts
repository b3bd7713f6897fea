/** Where secrets stand in a text: whole, or a good part of one where the text or somebody in it cut it. */
export interface SecretParts {
  /** In order, and none over another. */
  spans(text: string): Span[];
  /** Characters at the end of a text that what follows may make a secret. `much`: only where they are a good part of it. */
  begun(text: string, much?: boolean): number;
}

/** From a character to the one after its last. */
export type Span = readonly [from: number, to: number];

/** Of a shorter one no part is looked for: words and ids would have it. */
export const LEAST_CUT = 16;
/** A part of less than this says little, and words may begin alike. */
export const LEAST_PART = 8;
/** Who shortens a secret in the middle of a text leaves its beginning; of one that is a word or two, so does everybody. */
export const LEAST_WITHIN = 12;
/** What begins with so little may be a secret, but is nearly always none. */
export const LEAST_BEGUN = 4;

/** An id or a commit may begin or end as a secret does: a part of one is longer than they have by chance. */
const NAMED = /^(?:[a-z]{2,3}[-_][0-9a-f]{8,12}(?:-[a-z]+\d*)?|[0-9a-f]{40}|[0-9a-f]{64})$/;

export function makeSecretParts(forms: readonly string[]): SecretParts {
  // Secrets of one town begin alike: which one it is tells what follows.
  const byHead = Map.groupBy(forms, (form) => (form.length < LEAST_CUT ? form : form.slice(0, LEAST_WITHIN)));
  const long = forms.filter((form) => form.length >= LEAST_CUT);
  return {
    spans(text) {
      const least = NAMED.test(text) ? LEAST_CUT : LEAST_PART;
      const found: Span[] = [];
      for (const [head, alike] of byHead)
        for (let at = text.indexOf(head); at !== -1; at = text.indexOf(head, at + 1)) {
          const shared = alike.map((form) => sharedAt(text, at, form));
          const most = Math.max(...shared);
          if (most >= least || alike.some((form, which) => form.length === shared[which])) found.push([at, at + most]);
        }
      for (const form of long) {
        const [atEnd, atStart] = [begunBy(text, form, least), endedBy(text, form, least)];
        if (atEnd > 0) found.push([text.length - atEnd, text.length]);
        if (atStart > 0) found.push([0, atStart]);
      }
      return joined(found);
    },
    begun: (text, much = false) =>
      forms.reduce((most, form) => Math.max(most, begunBy(text, form, much ? goodPart(form) : LEAST_BEGUN)), 0),
  };
}

/** How many characters of a form stand here. */
function sharedAt(text: string, at: number, form: string): number {
  let length = 0;
  while (length < form.length && text[at + length] === form[length]) length += 1;
  return length;
}

/** With how many characters of its beginning a form stands at the end of a text; none where that is all of it, or less than `least`. */
function begunBy(text: string, form: string, least: number): number {
  const head = form.slice(0, least);
  for (let at = text.indexOf(head, Math.max(0, text.length - form.length + 1)); at !== -1; at = text.indexOf(head, at + 1))
    if (form.startsWith(text.slice(at))) return text.length - at;
  return 0;
}
/** With how many characters of its end it stands at the beginning. */
function endedBy(text: string, form: string, least: number): number {
  const tail = form.slice(-least);
  for (let end = form.length - 1; end >= least; end--) {
    const at = text.lastIndexOf(tail, end - least);
    if (at === -1) return 0;
    end = at + least;
    if (form.endsWith(text.slice(0, end))) return end;
  }
  return 0;
}

/** So much of a secret that nobody is told it, however short the whole is. */
export const goodPart = (form: { readonly length: number }): number =>
  Math.max(LEAST_BEGUN, Math.min(LEAST_PART, Math.ceil(form.length / 2)));

/** Those that lie over each other are one. */
export function joined(spans: readonly Span[]): Span[] {
  const whole: Span[] = [];
  for (const [from, to] of spans.toSorted(([a], [b]) => a - b)) {
    const last = whole.at(-1);
    if (last === undefined || from >= last[1]) whole.push([from, to]);
    else whole[whole.length - 1] = [last[0], Math.max(last[1], to)];
  }
  return whole;
}
