/** What the runner's log tells that a person at this machine wants to know. Its lines are JSON; what comes in pieces is put together. */
import { Failure } from '@gastown/protocol';
import { z } from 'zod';
import { jsonOf } from '../json.ts';

export type Told =
  | { readonly what: 'isolation'; readonly isolation: 'users' | 'none'; readonly why: string | null }
  | { readonly what: 'linked' }
  | { readonly what: 'cut' }
  | { readonly what: 'bye'; readonly failure: Failure }
  | { readonly what: 'broken'; readonly reason: string };

const Line = z.discriminatedUnion('event', [
  z.object({ event: z.literal('runner.isolation'), isolation: z.enum(['users', 'none']), why: z.string().nullable().default(null) }),
  z.object({ event: z.literal('link.welcome') }),
  z.object({ event: z.literal('socket.closed'), name: z.literal('link') }),
  z.object({ event: z.literal('runner.bye'), failure: Failure }),
  z.object({ event: z.literal('runner.options'), failure: Failure }),
  z.object({ event: z.literal('runner.broken'), reason: z.string() }),
]);

/** Calls `tell` for each line that says something. */
export function lineReader(tell: (told: Told) => void): (part: string | Uint8Array) => void {
  let rest = '';
  const decoder = new TextDecoder();
  return (part) => {
    const [last = '', ...lines] = (rest + (typeof part === 'string' ? part : decoder.decode(part, { stream: true })))
      .split('\n')
      .toReversed();
    rest = last;
    for (const line of lines.toReversed()) {
      const told = toldBy(line);
      if (told !== null) tell(told);
    }
  };
}

function toldBy(line: string): Told | null {
  const said = line.startsWith('{') ? Line.safeParse(jsonOf(line)).data : undefined;
  switch (said?.event) {
    case undefined:
      return null;
    case 'runner.isolation':
      return { what: 'isolation', isolation: said.isolation, why: said.why };
    case 'link.welcome':
      return { what: 'linked' };
    case 'socket.closed':
      return { what: 'cut' };
    case 'runner.bye':
      return { what: 'bye', failure: said.failure };
    case 'runner.options':
      return { what: 'broken', reason: said.failure.message };
    case 'runner.broken':
      return { what: 'broken', reason: said.reason };
  }
}
