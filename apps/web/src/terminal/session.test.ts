import { LIMITS, output, readTyped, type FromViewer, type LastScreen, type ToViewer } from '@gastown/protocol';
import { describe, expect, it } from 'vitest';
import { TerminalSession } from './session.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (said: string): Uint8Array => new TextEncoder().encode(said);
const last = (reason: LastScreen['reason']): LastScreen => ({ cols: 80, rows: 24, screen: '$ bye', reason, exitCode: 0, at: 1 });

/** A page with a screen that is a string, and a town that hears what it says. */
function page() {
  const heard: (FromViewer | { t: 'typed'; number: number; text: string })[] = [];
  const shown = { screen: '', size: '', waiting: [] as (() => void)[], up: true };
  const session = new TerminalSession(
    {
      client: 'page',
      send(message) {
        if (!shown.up) return false;
        const keys = typeof message === 'string' ? null : readTyped(message)!;
        heard.push(keys ? { t: 'typed', number: keys.number, text: text(keys.bytes) } : (JSON.parse(message as string) as FromViewer));
        return true;
      },
      shown: {
        redraw(screen, { cols, rows }, done) {
          Object.assign(shown, { screen, size: `${cols}x${rows}` });
          done();
        },
        blank: () => shown.screen.trim() === '',
        resize: ({ cols, rows }) => Object.assign(shown, { size: `${cols}x${rows}` }),
        write(given, done) {
          shown.screen += text(given);
          shown.waiting.push(done);
        },
      },
      onChange: () => undefined,
    },
    { cols: 80, rows: 24 },
  );
  const hear = (frame: ToViewer): void => void expect(session.frame(frame)).toBe(true);
  const state = (changes: Partial<Extract<ToViewer, { t: 'state' }>> = {}): void =>
    hear({ t: 'state', terminal: 't1', offset: 0, cols: 80, rows: 24, screen: '', typed: 0, ...changes });
  const put = (offset: number, given: string): void => session.bytes(output({ offset, bytes: bytes(given) }));
  const type = (said: string): boolean => session.type(bytes(said));
  const paint = (): void => {
    for (const done of shown.waiting.splice(0)) done();
  };
  return { session, heard, shown, hear, state, put, type, paint };
}

describe('output (WS-2)', () => {
  it('is told to be awaited until the program has drawn something, of each terminal anew (WS-16)', () => {
    const { session, state, put, paint } = page();
    state();
    expect(session.starting).toBe(true);
    put(0, ' ');
    paint();
    expect(session.starting).toBe(true);
    put(1, '$');
    paint();
    expect(session.starting).toBe(false);
    state({ terminal: 't2' });
    expect(session.starting).toBe(true);
    state({ terminal: 't3', screen: 'there already' });
    expect(session.starting).toBe(false);
  });

  it('is shown once and in order, whatever comes twice; after a gap the screen is asked for whole', () => {
    const { heard, shown, state, put, session } = page();
    state({ screen: 'past ', offset: 100 });
    put(100, 'abc');
    put(100, 'abc');
    put(101, 'bcd');
    expect(shown.screen).toBe('past abcd');
    put(110, 'later');
    expect(shown.screen).toBe('past abcd');
    expect(heard.at(-1)).toMatchObject({ t: 'open', have: null });
    expect(session.hello()).toMatchObject({ have: null });
  });

  it('after a gap is asked for once, and what it was typed for is not forgotten: another terminal gets none of it (WS-8)', () => {
    const { session, heard, hear, state, put, type } = page();
    state();
    type('ls');
    hear({ t: 'typed', number: 2 });
    put(10, 'later');
    put(15, 'and more');
    expect(heard.filter(({ t }) => t === 'open')).toHaveLength(1);
    type('rm x');
    expect(heard.at(-1)).toEqual({ t: 'typed', number: 2, text: 'rm x' });
    heard.length = 0;
    state({ terminal: 't2' });
    expect([session.notSent, session.waiting, heard]).toEqual([4, 0, []]);
    type('ok');
    expect(heard).toEqual([{ t: 'typed', number: 0, text: 'ok' }]);
  });

  it('after a gap goes on in the same terminal with what was typed meanwhile', () => {
    const { session, shown, state, put, type } = page();
    state();
    put(10, 'later');
    type('ls');
    state({ screen: 'whole', offset: 15, typed: 2 });
    put(15, '!');
    expect([shown.screen, session.notSent, session.waiting]).toEqual(['whole!', 0, 0]);
  });

  it('after a gap shows the last screen whole when it ends', () => {
    const { shown, hear, state, put } = page();
    state();
    put(10, 'later');
    hear({ t: 'ended', last: last('exited') });
    expect(shown.screen).toBe('$ bye');
  });

  it('is acknowledged when it is shown, not when it came', () => {
    const { heard, state, put, paint } = page();
    state();
    put(0, 'abc');
    put(3, 'def');
    expect(heard).toEqual([]);
    paint();
    expect(heard).toEqual([{ t: 'ack', offset: 6 }]);
  });

  it('goes on after a cut from where it was, or with the screen as it is', () => {
    const { session, shown, state, put } = page();
    state();
    put(0, 'abc');
    session.down();
    expect(session.condition.is).toBe('reconnecting');
    expect(session.hello()).toMatchObject({ have: { terminal: 't1', offset: 3 } });
    state({ screen: null, offset: 3 });
    put(3, 'def');
    expect([shown.screen, session.condition.is]).toEqual(['abcdef', 'open']);
    state({ screen: 'anew', offset: 900 });
    put(900, '!');
    expect(shown.screen).toBe('anew!');
  });

  it('that is no frame of ours is never shown (WS-10)', () => {
    const { session, shown, state } = page();
    state();
    session.bytes(new Uint8Array([0, 123, 34]));
    expect(session.frame({ cursor: 5 })).toBe(false);
    expect(shown.screen).toBe('');
  });
});

describe('what is typed (WS-8, WS-13)', () => {
  it('while disconnected is kept, and sent when the same terminal is back, from where it was taken', () => {
    const { session, heard, shown, state, type } = page();
    state();
    type('one');
    session.down();
    shown.up = false;
    expect(type('two')).toBe(true);
    expect(session.waiting).toBe(6);
    shown.up = true;
    state({ screen: null, typed: 2 });
    expect(heard.filter(({ t }) => t === 'typed')).toEqual([
      { t: 'typed', number: 0, text: 'one' },
      { t: 'typed', number: 2, text: 'etwo' },
    ]);
  });

  it('for a terminal that is gone is counted as not sent, and never typed into another', () => {
    const { session, heard, state, type } = page();
    state();
    session.down();
    type('rm -rf build\r');
    state({ terminal: 't2' });
    expect([session.notSent, session.waiting]).toEqual([13, 0]);
    type('x');
    expect(heard.at(-1)).toEqual({ t: 'typed', number: 0, text: 'x' });
  });

  it('is refused when it is over, and when it is more than a page keeps', () => {
    const { session, state, hear, type } = page();
    state();
    session.down();
    expect(session.type(new Uint8Array(LIMITS.terminalKeptBytes.value + 1))).toBe(false);
    expect(session.notSent).toBe(LIMITS.terminalKeptBytes.value + 1);
    hear({ t: 'ended', last: last('exited') });
    expect(type('x')).toBe(false);
  });

  it('as one large paste goes out in pieces, as fast as it is taken, and arrives whole', () => {
    const { heard, hear, state, type } = page();
    state();
    const paste = Array.from({ length: 25_000 }, (_, at) => `${at} `)
      .join('')
      .slice(0, 100_000);
    type(paste);
    const pieces = (): { number: number; text: string }[] => heard.filter((frame) => frame.t === 'typed');
    expect(pieces().length).toBe(4);
    for (let taken = 0; taken < 100_000;) {
      taken = pieces().at(-1)!.number + pieces().at(-1)!.text.length;
      hear({ t: 'typed', number: taken });
    }
    expect(
      pieces()
        .map((piece) => piece.text)
        .join(''),
    ).toBe(paste);
    expect(Math.max(...pieces().map((piece) => piece.text.length))).toBeLessThanOrEqual(LIMITS.terminalInputBytes.value);
  });
});

describe('its size (WS-9)', () => {
  it('is told once for each change, and what the terminal has is what is shown', () => {
    const { session, heard, hear, shown, state, type } = page();
    state({ cols: 120, rows: 40 });
    expect(shown.size).toBe('120x40');
    session.fits({ cols: 80, rows: 24 });
    expect(heard).toEqual([]);
    session.fits({ cols: 90, rows: 24 });
    session.fits({ cols: 90, rows: 24 });
    expect(heard).toEqual([{ t: 'size', cols: 90, rows: 24 }]);
    hear({ t: 'size', offset: 0, cols: 90, rows: 24 });
    expect(shown.size).toBe('90x24');
    hear({ t: 'size', offset: 0, cols: 200, rows: 50 });
    type('x');
    expect(heard.slice(-2)).toMatchObject([{ t: 'size', cols: 90 }, { t: 'typed' }]);
  });
});

describe('its end (WS-16)', () => {
  it('by the program or by silence waits for a person; by the run, for the next run', () => {
    for (const [reason, asks] of [
      ['exited', false],
      ['unwatched', false],
      ['run_over', true],
      ['runner_stopped', true],
    ] as const) {
      const { session, heard, hear, state } = page();
      state();
      hear({ t: 'ended', last: last(reason) });
      expect(session.condition).toMatchObject({ is: 'ended', last: { reason } });
      hear({ t: 'again' });
      expect(heard.some(({ t }) => t === 'open')).toBe(asks);
      expect(session.hello() !== null).toBe(asks);
      session.again();
      expect(heard.at(-1)).toMatchObject({ t: 'open', have: null });
    }
  });

  it('leaves its last screen on the page, also for who comes later', () => {
    const later = page();
    later.hear({ t: 'none', last: last('run_over') });
    expect(later.shown).toMatchObject({ screen: '$ bye', size: '80x24' });
    expect(later.type('x')).toBe(false);
    const there = page();
    there.state({ screen: 'all of it' });
    there.hear({ t: 'ended', last: last('run_over') });
    expect(there.shown.screen).toBe('all of it');
  });

  it('or its absence is a state, and so is a refusal', () => {
    const { session, hear, heard } = page();
    hear({ t: 'none', last: null });
    expect(session.condition).toEqual({ is: 'none', last: null });
    hear({ t: 'again' });
    expect([session.condition.is, heard.at(-1)?.t]).toEqual(['connecting', 'open']);
    hear({ t: 'refused', failure: { code: 'terminals_full', message: 'full' } });
    expect(session.condition).toMatchObject({ is: 'refused' });
    session.down();
    expect(session.condition.is).toBe('refused');
  });
});
