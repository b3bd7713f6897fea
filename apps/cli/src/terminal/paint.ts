/** Our colours. A text carries them as marks that nobody else can write; the screen alone makes colours of them, and everything else plain. */
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import pc from 'picocolors';
import { plainLines } from './plain.ts';

const OURS = randomUUID();
const MARKS = new RegExp(`<${OURS} (\\d+)>`, 'g');

function painter(colour: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan') {
  const [on, off] = inspect.colors[colour]!;
  return (text: string): string => `<${OURS} ${on}>${text}<${OURS} ${off}>`;
}
export const paint = {
  bold: painter('bold'),
  dim: painter('dim'),
  red: painter('red'),
  green: painter('green'),
  yellow: painter('yellow'),
  cyan: painter('cyan'),
};

/** As a terminal takes it. picocolors says whether it shows colours: it honours NO_COLOR and pipes. */
export const painted = (text: string, colours = pc.isColorSupported): string =>
  plainLines(text).replaceAll(MARKS, colours ? '\u001b[$1m' : '');
