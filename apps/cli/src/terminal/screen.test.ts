import { failure, FAILURES } from '@gastown/protocol';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { paint, painted } from './paint.ts';
import { openScreen } from './screen.ts';

let out: string;
let beside: string;
const screen = (isTTY = false) => openScreen({ write: (text) => (out += text) }, { isTTY, write: (text) => (beside += text) });
const lasting = (ms: number): Promise<string> => new Promise((resolve) => setTimeout(() => resolve('done'), ms));

beforeEach(() => {
  out = '';
  beside = '';
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the terminal', () => {
  it('shows nothing of what takes less than two seconds', async () => {
    const work = screen().during('Quick', lasting(1_900));
    await vi.advanceTimersByTimeAsync(1_900);
    expect(await work).toBe('done');
    expect(beside).toBe('');
  });

  it('shows what takes longer, with the time, and never on the stream of results', async () => {
    const work = screen().during('Slow', lasting(20_000));
    await vi.advanceTimersByTimeAsync(20_000);
    await work;
    expect(beside).toBe('Slow … 2 s\nSlow … 17 s\nSlow: 20 s  \n');
    expect(out).toBe('');
  });

  it('counts every second on a terminal, on one line', async () => {
    const work = screen(true).during('Slow', lasting(4_500));
    await vi.advanceTimersByTimeAsync(4_500);
    await work;
    expect(beside).toBe('\rSlow … 2 s\rSlow … 3 s\rSlow … 4 s\rSlow: 5 s  \n');
  });

  it('a failure is its code, a sentence and the next step of the catalogue', () => {
    screen().fail(failure('port_taken', 'Port 1 is taken.'));
    expect(stripVTControlCharacters(beside)).toBe(`port_taken: Port 1 is taken.\n→ ${FAILURES.port_taken.next}\n`);
  });

  /** Clears, titles the window, colours, turns the text, goes back to the start of the line, ends an emoji of two, and has no width. */
  const HOSTILE = 'a\u001b[2Jb\u001b]0;x\u0007c\u001b[31md\u202ee\u2066f\rg\u009bh\u200bi\u{e0041}j\u2028k\tl\nm';
  const PLAIN = 'a [2Jb ]0;x c [31md e f g h i j k\tl\nm';
  it('acts on nothing that a command says, whichever way it says it', async () => {
    const all = screen();
    all.say(HOSTILE);
    expect(out).toBe(`${PLAIN}\n`);
    all.note(HOSTILE);
    all.warn(HOSTILE);
    all.fail(failure('internal', HOSTILE, undefined, HOSTILE));
    const work = all.during(HOSTILE, lasting(3_000));
    await vi.advanceTimersByTimeAsync(3_000);
    await work;
    expect(stripVTControlCharacters(beside)).toBe(
      [PLAIN, `! ${PLAIN}`, `internal: ${PLAIN}`, `→ ${PLAIN}`, `${PLAIN} … 2 s`, `${PLAIN}: 3 s  `, ''].join('\n'),
    );
    expect(beside).not.toContain('\u001b[2J');
    expect(beside).not.toContain('\u001b[31md');
  });

  it('JSON says exactly what was meant, in characters that do nothing', () => {
    screen().json({ text: HOSTILE });
    expect(out).toMatch(/^[ -~]+\n$/);
    expect(JSON.parse(out)).toEqual({ text: HOSTILE });
  });

  it('shows our own colours, and no others', () => {
    const text = `${paint.red('x\u001b[32my')} ${paint.bold('z')}`;
    expect(painted(text, true)).toBe('\u001b[31mx [32my\u001b[39m \u001b[1mz\u001b[22m');
    expect(painted(text, false)).toBe('x [32my z');
  });
});
