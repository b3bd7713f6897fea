import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { LIMITS } from '@gastown/protocol';
import { chordOf } from './keys.ts';
import type { Shown, Size } from './session.ts';
import { themeOf } from './theme.ts';

/** The terminal on the page: draws, and hands over what is typed. Its size is the one it is given, never the one that would fit. */
export interface TerminalWindow extends Shown {
  readonly element: HTMLElement;
  focus(): void;
  paste(text: string): void;
  /** What is selected, or else what is in sight. */
  text(): string;
  /** The size that there is room for; null while it is not in sight. */
  room(): Size | null;
  readAloud(on: boolean): void;
  readOnly(on: boolean): void;
  onRoom(listener: () => void): void;
  close(): void;
}

export interface WindowWish {
  readonly label: string;
  readonly onTyped: (bytes: Uint8Array) => void;
  readonly onCopied: () => void;
  readonly onLeave: () => void;
}

const FONT = '"JetBrains Mono Variable", ui-monospace, monospace';
/** A box that changes its size in steps (a drawer that slides, a window that is dragged) is asked once it rests (WS-9). */
const REST_MS = 120;

export async function openWindow(element: HTMLElement, wish: WindowWish): Promise<TerminalWindow> {
  // Cells are measured once: the typeface must be there by then.
  await document.fonts.load(`13px ${FONT}`).catch(() => []);
  const terminal = new Terminal({
    fontFamily: FONT,
    fontSize: 13,
    scrollback: LIMITS.terminalLines.value,
    cursorBlink: false,
    minimumContrastRatio: 4.5,
    macOptionClickForcesSelection: true,
    rightClickSelectsWord: false,
    theme: themeOf(element),
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  answerNothing(terminal);
  const type = (text: string): void => wish.onTyped(new TextEncoder().encode(text));
  terminal.onData(type);
  // Old mouse reports are bytes, not text.
  terminal.onBinary((text) => wish.onTyped(Uint8Array.from(text, (character) => character.charCodeAt(0))));
  terminal.attachCustomKeyEventHandler((event) => {
    const chord = chordOf(event);
    if (chord === null) return true;
    if (chord === 'browser') return false;
    event.preventDefault();
    event.stopPropagation();
    if (event.type !== 'keydown') return false;
    if (chord === 'leave') wish.onLeave();
    else if (chord === 'copy') void copy(terminal.getSelection()).then((done) => done && wish.onCopied());
    else type(chord.send);
    return false;
  });
  terminal.open(element);
  terminal.textarea?.setAttribute('aria-label', wish.label);
  const painter = new MutationObserver(() => (terminal.options.theme = themeOf(element)));
  painter.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  let rest: ReturnType<typeof setTimeout> | undefined;
  let observer: ResizeObserver | undefined;
  return {
    element,
    redraw(screen, { cols, rows }, done) {
      terminal.reset();
      terminal.resize(cols, rows);
      terminal.write(screen, done);
    },
    // In its place among what is written.
    resize: ({ cols, rows }) => terminal.write('', () => terminal.resize(cols, rows)),
    write: (bytes, done) => terminal.write(bytes, done),
    blank: () => inSight(terminal).trim() === '',
    focus: () => terminal.focus(),
    paste: (text) => terminal.paste(text),
    text: () => terminal.getSelection() || inSight(terminal),
    room() {
      const size = fit.proposeDimensions();
      if (!size || !Number.isFinite(size.cols) || !Number.isFinite(size.rows) || element.clientHeight === 0) return null;
      return { cols: Math.min(500, Math.max(2, size.cols)), rows: Math.min(300, Math.max(1, size.rows)) };
    },
    readAloud(on) {
      terminal.options.screenReaderMode = on;
    },
    readOnly(on) {
      terminal.options.disableStdin = on;
    },
    onRoom(listener) {
      observer = new ResizeObserver(() => {
        clearTimeout(rest);
        rest = setTimeout(listener, REST_MS);
      });
      observer.observe(element);
    },
    close() {
      clearTimeout(rest);
      observer?.disconnect();
      painter.disconnect();
      terminal.dispose();
    },
  };
}

/** Questions of programs (where is the cursor, what are you) are answered by the runner's screen, once; a page that answered too would type into the program. */
function answerNothing({ parser }: Terminal): void {
  const taken = (): boolean => true;
  for (const prefix of [undefined, '>', '=']) parser.registerCsiHandler({ ...(prefix && { prefix }), final: 'c' }, taken);
  for (const prefix of [undefined, '?']) {
    parser.registerCsiHandler({ ...(prefix && { prefix }), final: 'n' }, taken);
    parser.registerCsiHandler({ ...(prefix && { prefix }), intermediates: '$', final: 'p' }, taken);
  }
  parser.registerCsiHandler({ prefix: '>', final: 'q' }, taken);
  parser.registerCsiHandler({ final: 't' }, taken);
  parser.registerDcsHandler({ intermediates: '$', final: 'q' }, taken);
  for (const code of [4, 10, 11, 12]) parser.registerOscHandler(code, (data) => data.includes('?'));
}

function inSight({ buffer: { active }, rows }: Terminal): string {
  const lines = Array.from({ length: rows }, (_, at) => active.getLine(active.viewportY + at)?.translateToString(true) ?? '');
  return lines.join('\n').trimEnd();
}

/** Over plain HTTP on another machine there is no clipboard to ask: the older way works there. */
export async function copy(text: string): Promise<boolean> {
  if (!text) return false;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    const from = document.activeElement;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    if (from instanceof HTMLElement) from.focus();
    return done;
  }
}
