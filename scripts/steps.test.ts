import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { LANES, performAll, type Step } from './steps.ts';

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

test('steps of a list run side by side, so many and no more, and the next begins when one ends', async () => {
  const shown = vi.spyOn(console, 'log').mockReturnValue();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gastown-lanes-'));
  const log = path.join(folder, 'log');
  /** The first ones end when all of them have begun. */
  const begun = `const { appendFileSync, readFileSync } = require('node:fs');
    appendFileSync('${log}', '+\\n');
    (function look() {
      if (readFileSync('${log}', 'utf8').split('+').length > ${LANES}) { appendFileSync('${log}', '-\\n'); console.log('{"ok":true}'); }
      else setImmediate(look);
    })();`;
  const { total } = await performAll([Array.from({ length: LANES + 3 }, (_, at) => saying(`step ${at}`, begun))]);
  const running = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .reduce<number[]>((at, sign) => [...at, (at.at(-1) ?? 0) + (sign === '+' ? 1 : -1)], []);
  rmSync(folder, { recursive: true });
  expect(total).toEqual({ passed: LANES + 3, failed: 0 });
  expect(Math.max(...running)).toBe(LANES);
  expect(running.at(-1)).toBe(0);
  shown.mockRestore();
});
