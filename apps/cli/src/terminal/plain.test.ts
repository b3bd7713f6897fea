import { HOSTILE_TEXTS } from '@gastown/protocol/testing';
import { describe, expect, it } from 'vitest';
import { painted } from './paint.ts';
import { plain, plainJson } from './plain.ts';

/** What a terminal acts on, what cannot be seen there, and what turns the text around it. */
const ACTS = /[[\p{Cc}\p{Cf}\u2028\u2029]--[\n\t]]/v;

describe('text of others on a terminal (I16)', () => {
  it.each(HOSTILE_TEXTS)('$id: does nothing there, in words, on a line, and in JSON that says the same', ({ text }) => {
    expect(painted(text, true)).not.toMatch(ACTS);
    expect(plain(text)).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
    const json = plainJson(JSON.stringify({ text }));
    expect(json).not.toMatch(ACTS);
    expect(JSON.parse(json)).toEqual({ text });
  });
});
