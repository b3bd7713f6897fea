import { LIMITS } from '@gastown/protocol';
import { SerializeAddon } from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import { Unfinished } from './unfinished.ts';

/**
 * The screen and scroll-back of a terminal, kept by a terminal without a window. It answers what programs ask of a terminal (where is the cursor, what are you), so that
 * no watcher has to, and each question has one answer however many watch.
 */
export interface Screen {
  readonly cols: number;
  readonly rows: number;
  /** `shown` is called when these bytes are on the screen, in order, and before anything of what came after them. */
  write(bytes: Uint8Array, shown: () => void): void;
  /** After everything written so far; `done` is called then. */
  resize(cols: number, rows: number, done: () => void): void;
  /** Text that draws the screen anew, at most about `bytes` as JSON. `unfinished`: so many of the last shown bytes must follow it. */
  draw(bytes: number): { text: string; unfinished: number };
  /** The text of each line, scroll-back first. */
  lines(): string[];
  dispose(): void;
}

/** What the serializer leaves out of the modes that matter to who types: hidden cursor, and how the mouse is told. */
const MODES_KEPT = [25, 1005, 1006, 1015, 1016];
const SAVES_CURSOR = [1048, 1049];
/** As the serializer writes it. */
const TO_ALTERNATE = '\x1b[?1049h';
const ALTERNATE = [47, 1047, 1049];

export function makeScreen(size: { cols: number; rows: number }, answer: (text: string) => void): Screen {
  const terminal = new headless.Terminal({ ...size, scrollback: LIMITS.terminalLines.value, allowProposedApi: true });
  const serializer = new SerializeAddon();
  terminal.loadAddon(serializer);
  terminal.onData(answer);
  const extras = followExtras(terminal);
  const unfinished = new Unfinished();
  const drawn = (scrollback: number): string => extras(serializer.serialize({ scrollback }));
  return {
    get cols() {
      return terminal.cols;
    },
    get rows() {
      return terminal.rows;
    },
    write: (bytes, shown) =>
      terminal.write(bytes, () => {
        unfinished.add(bytes);
        shown();
      }),
    resize: (cols, rows, done) =>
      terminal.write('', () => {
        terminal.resize(cols, rows);
        done();
      }),
    draw(bytes) {
      let lines = LIMITS.terminalLines.value;
      let text = drawn(lines);
      for (; lines > 0 && JSON.stringify(text).length > bytes; text = drawn(lines)) lines = lines > 50 ? Math.floor(lines / 2) : 0;
      return { text: JSON.stringify(text).length > bytes ? '' : text, unfinished: unfinished.held };
    },
    lines: () =>
      Array.from({ length: terminal.buffer.active.length }, (_, at) => terminal.buffer.active.getLine(at)?.translateToString(true) ?? ''),
    dispose: () => terminal.dispose(),
  };
}

/** Follows what the serializer does not write, and adds it to what it wrote: some modes, the saved cursor, the scroll region, the cursor's shape, the title. */
function followExtras(terminal: headless.Terminal): (written: string) => string {
  const modes = new Map<number, boolean>();
  /** Of lines that scroll, by buffer. */
  const regions = new Map<'normal' | 'alternate', { readonly top: number; readonly bottom: number }>();
  let shape = '';
  let title = '';
  /** Where a program goes back to, by buffer; lines are counted from the first of the scroll-back. */
  const saved = new Map<'normal' | 'alternate', { x: number; line: number }>();
  const save = (): boolean => {
    const { type, cursorX, cursorY, baseY } = terminal.buffer.active;
    saved.set(type, { x: cursorX, line: baseY + cursorY });
    return false;
  };
  const set = (on: boolean) => (params: (number | number[])[]) => {
    if (on && params.some((mode) => SAVES_CURSOR.includes(Number(mode)))) save();
    if (!on && params.some((mode) => ALTERNATE.includes(Number(mode)))) regions.delete('alternate');
    for (const mode of params) if (typeof mode === 'number' && MODES_KEPT.includes(mode)) modes.set(mode, on);
    return false;
  };
  const forget = (): boolean => {
    modes.clear();
    saved.clear();
    regions.clear();
    shape = '';
    return false;
  };
  const { parser } = terminal;
  parser.registerCsiHandler({ prefix: '?', final: 'h' }, set(true));
  parser.registerCsiHandler({ prefix: '?', final: 'l' }, set(false));
  parser.registerCsiHandler({ final: 'r' }, ([top, bottom]) => {
    const whole = Number(top || 1) <= 1 && (!bottom || Number(bottom) >= terminal.rows);
    const { type } = terminal.buffer.active;
    if (whole) regions.delete(type);
    else regions.set(type, { top: Number(top || 1), bottom: Number(bottom || terminal.rows) });
    return false;
  });
  parser.registerCsiHandler({ intermediates: ' ', final: 'q' }, ([how]) => {
    shape = `\x1b[${Number(how ?? 0)} q`;
    return false;
  });
  parser.registerCsiHandler({ intermediates: '!', final: 'p' }, forget);
  parser.registerEscHandler({ final: 'c' }, forget);
  parser.registerEscHandler({ final: '7' }, save);
  parser.registerCsiHandler({ final: 's' }, save);
  terminal.onTitleChange((text) => (title = text));
  terminal.onResize(({ cols }) => {
    regions.clear();
    for (const [type, place] of saved) saved.set(type, { ...place, x: Math.min(place.x, cols - 1) });
  });
  const goTo = (x: number, y: number): string => `\x1b[${y + 1};${x + 1}H`;
  const limitOf = (type: 'normal' | 'alternate'): string => {
    const region = regions.get(type);
    return region === undefined ? '' : `\x1b[${region.top};${region.bottom}r`;
  };
  return (written) => {
    const { type, cursorX, cursorY, baseY } = terminal.buffer.active;
    const place = saved.get(type);
    const { originMode } = terminal.modes;
    const keep = place ? `${goTo(place.x, Math.max(0, place.line - baseY))}\x1b7` : '';
    const limit = limitOf(type);
    // A region puts the cursor home, and so does counting lines from it: it goes back to where it was. At the end of a full line a terminal wraps with the next character, and forgets that when the cursor is moved.
    const kept = originMode
      ? `\x1b[?6l${keep}${limit}\x1b[?6h${goTo(cursorX, cursorY - ((regions.get(type)?.top ?? 1) - 1))}`
      : (keep && cursorX < terminal.cols ? keep + goTo(cursorX, cursorY) : '') + (limit && limit + goTo(cursorX, cursorY));
    const switched = [...modes].map(([mode, on]) => `\x1b[?${mode}${on ? 'h' : 'l'}`).join('');
    const { normal } = terminal.buffer;
    const behind = type === 'alternate' && limitOf('normal');
    const both = behind ? written.replace(TO_ALTERNATE, `${behind}${goTo(normal.cursorX, normal.cursorY)}${TO_ALTERNATE}`) : written;
    return both + kept + switched + shape + (title ? `\x1b]2;${title.replaceAll(/\p{Cc}/gu, '').slice(0, 200)}\x07` : '');
  };
}
