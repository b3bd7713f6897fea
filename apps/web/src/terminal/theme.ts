import type { ITheme } from '@xterm/xterm';

/** The page's tokens as a terminal's colours; what is too pale on them, the terminal itself makes readable. */
export function themeOf(element: HTMLElement): ITheme {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const background = token('bg-sunken');
  const foreground = token('fg');
  const tones = { red: token('failed'), green: token('working'), yellow: token('term-yellow'), blue: token('term-blue') };
  const more = { magenta: token('term-magenta'), cyan: token('term-cyan') };
  return {
    background,
    foreground,
    cursor: foreground,
    cursorAccent: background,
    selectionBackground: token('term-selection'),
    black: token('term-black'),
    brightBlack: token('fg-faint'),
    white: token('fg-muted'),
    brightWhite: foreground,
    ...tones,
    ...more,
    brightRed: tones.red,
    brightGreen: tones.green,
    brightYellow: tones.yellow,
    brightBlue: tones.blue,
    brightMagenta: more.magenta,
    brightCyan: more.cyan,
    scrollbarSliderBackground: token('line-strong'),
  };
}
