import { ClientHello, FromRunner, FromTerminal, FromViewer, StreamIn, WatchHello } from '@gastown/protocol';
import { describe, expect, it } from 'vitest';
import { HOSTILE_CASES } from './sockets.hostile.ts';
import { parseFrame } from './sockets.ts';

const DOORS = { ClientHello, WatchHello, FromViewer, FromRunner, StreamIn, FromTerminal };

describe('frames that are none', () => {
  it.each(HOSTILE_CASES)('$id: is refused at every socket, in a sentence that a close can hold (I15, RC-9)', ({ frame }) => {
    for (const [name, schema] of Object.entries(DOORS)) {
      const read = parseFrame(schema, frame);
      expect([name, read]).toEqual([
        name,
        {
          ok: false,
          failure: {
            code: expect.stringMatching(/^(invalid_json|invalid_input|too_large)$/),
            message: expect.stringMatching(/^.{1,2000}$/s),
          },
        },
      ]);
    }
    expect(Object.hasOwn(Object.prototype, 't')).toBe(false);
  });
});
