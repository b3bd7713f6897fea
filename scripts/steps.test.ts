import { expect, test, vi } from 'vitest';
import { performAll, type Step } from './steps.ts';

/** Each is some processes, which wait for their turn on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

const saying = (name: string, text: string): Step => ({ name, command: ['node', '-e', text], counts: 'json' });

test('a step that ends with a JSON line is counted by what it says, and complaints after it do not hide it', async () => {
  const shown = vi.spyOn(console, 'log').mockReturnValue();
  const { total, performed } = await performAll([
    [
      saying('good', `console.log('begun'); console.log('{"ok":true,"seeds":3}'); console.error('a warning')`),
      saying('says no', `console.log('{"ok":false}')`),
    ],
    saying('ends badly', `console.log('{"ok":true}'); process.exit(1)`),
    saying('says nothing', ''),
  ]);
  expect(performed.map(({ name, tally, figures }) => [name, tally.passed, figures])).toEqual([
    ['good', 1, { ok: true, seeds: 3 }],
    ['says no', 0, { ok: false }],
    ['ends badly', 0, { ok: true }],
    ['says nothing', 0, null],
  ]);
  expect(total).toEqual({ passed: 1, failed: 3 });
  expect(shown.mock.calls.map(([line]) => String(line)).filter((line) => line.startsWith('FAILED'))).toHaveLength(3);
  shown.mockRestore();
});

test('a step that says why it did nothing is skipped in its words, and counted neither way', async () => {
  const shown = vi.spyOn(console, 'log').mockReturnValue();
  const { total } = await performAll([saying('of the change', `console.log('{"ok":true,"skipped":"no history here"}')`)]);
  expect(total).toEqual({ passed: 0, failed: 0 });
  expect(shown.mock.calls[0]).toEqual(['skipped of the change: no history here']);
  shown.mockRestore();
});

test('a step whose data are not there is skipped in words, and counted neither as passed nor as failed', async () => {
  const shown = vi.spyOn(console, 'log').mockReturnValue();
  const { total } = await performAll([{ ...saying('public data', `console.log('{"ok":true}')`), needs: '/no/such/folder' }]);
  expect(total).toEqual({ passed: 0, failed: 0 });
  expect(shown.mock.calls).toEqual([['skipped public data: /no/such/folder is not there']]);
  shown.mockRestore();
});
