import { z } from 'zod';
import { Step } from './story.ts';

/** A script that travels inside a message, for tests: JSON steps between `<<<SCRIPT` and `SCRIPT>>>`. */
const MARKED = /<<<SCRIPT([\s\S]*?)SCRIPT>>>/g;

/** As a message holds it. One may hold another, for a sub-agent, of which only the outer one is met. */
export const scriptText = (steps: readonly unknown[]): string =>
  `<<<SCRIPT ${JSON.stringify(steps)
    .replaceAll('<<<SCRIPT', String.raw`\u003c<<SCRIPT`)
    .replaceAll('SCRIPT>>>', String.raw`SCRIPT>>\u003e`)} SCRIPT>>>`;

/** What a message says besides. */
export const withoutScripts = (text: string): string => text.replaceAll(MARKED, '');

/** The last script in the text, or null. A script that is not valid becomes one step that says what is wrong. */
export function embeddedScript(text: string): readonly Step[] | null {
  const source = [...text.matchAll(MARKED)].at(-1)?.[1];
  if (source === undefined) return null;
  try {
    const parsed = z.array(Step).min(1).safeParse(JSON.parse(source));
    return parsed.success ? parsed.data : [{ text: `The script in this message is not valid:\n${z.prettifyError(parsed.error)}` }];
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return [{ text: `The script in this message is not JSON: ${cause.message}` }];
  }
}
