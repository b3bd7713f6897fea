import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { output, outputFor, readOutput, readOutputFor, readTyped, readTypedBy, typed, typedBy } from './terminal.ts';

const bytes = fc.uint8Array({ maxLength: 200 });
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const viewer = fc.integer({ min: 0, max: 0xffff_ffff });

describe('binary frames of a terminal (WS-6)', () => {
  it('give back what was put in, byte for byte', () => {
    fc.assert(
      fc.property(bytes, count, fc.array(viewer, { maxLength: 64 }), (given, number, viewers) => {
        expect(readOutputFor(outputFor(viewers, { offset: number, bytes: given }))).toEqual({ viewers, offset: number, bytes: given });
        expect(readOutput(output({ offset: number, bytes: given }))).toEqual({ offset: number, bytes: given });
        expect(readTyped(typed({ number, bytes: given }))).toEqual({ number, bytes: given });
        expect(readTypedBy(typedBy(viewers[0] ?? 7, { number, bytes: given }))).toEqual({ viewer: viewers[0] ?? 7, number, bytes: given });
      }),
    );
  });

  it('are null when they are anything else, whatever the bytes, and never throw', () => {
    fc.assert(
      fc.property(bytes, (frame) => {
        for (const read of [readOutputFor, readOutput, readTyped, readTypedBy]) {
          expect(read(frame)?.bytes.byteLength ?? -1).toBeLessThan(frame.byteLength);
        }
        expect(frame[0] !== 1 && readOutput(frame) !== null).toBe(false);
        expect(frame[0] !== 2 && readTyped(frame) !== null).toBe(false);
      }),
    );
    const halfNumber = output({ offset: 0.5, bytes: new Uint8Array(3) });
    expect(readOutput(halfNumber)).toBeNull();
    expect(readOutputFor(outputFor([1, 2], { offset: 0, bytes: new Uint8Array(0) }).subarray(0, 12))).toBeNull();
  });
});
