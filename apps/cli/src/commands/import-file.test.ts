import { Readable } from 'node:stream';
import { LIMITS } from '@gastown/protocol';
import { expect, it } from 'vitest';
import { inputBytes } from './import-file.ts';

const from = (...parts: string[]) => inputBytes(Readable.from(parts.map((part) => Buffer.from(part))));

it('the standard input is read whole and judged as a file is, under its name', async () => {
  expect(await from('{"title":', '"x"}\n')).toEqual({ ok: true, value: Buffer.from('{"title":"x"}\n') });
  expect(await from(' \n')).toMatchObject({
    failure: { code: 'invalid_input', message: expect.stringContaining('there is nothing in the standard input') as string },
  });
  expect(await from('{}\n'.repeat(LIMITS.importLines.value + 1))).toMatchObject({ failure: { code: 'too_large' } });
});

it('an input that never ends, or breaks, is refused and not waited for', async () => {
  let parts = 0;
  const endless = (function* () {
    for (;;) {
      parts += 1;
      yield Buffer.alloc(1_048_576, 'x');
    }
  })();
  expect(await inputBytes(Readable.from(endless, { highWaterMark: 1 }))).toMatchObject({ failure: { code: 'too_large' } });
  expect(parts).toBeLessThan(LIMITS.importBytes.value / 1_048_576 + 4);
  const broken = new Readable({ read: () => broken.destroy(new Error('EIO')) });
  expect(await inputBytes(broken)).toMatchObject({ failure: { message: 'file: the standard input cannot be read: EIO.' } });
});
