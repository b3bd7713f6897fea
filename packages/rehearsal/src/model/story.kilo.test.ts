import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSampleRepo, SAMPLE_GATE } from '../sample/sample-repo.ts';
import { stories } from '../stories/library.ts';
import { runShell } from '../testing/test-agent.ts';
import { kiloSession } from '../testing/kilo-session.ts';
import { startModel } from './server.ts';
import type { ModelServer } from './server.ts';

let folder: string;
let model: ModelServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gastown-kilo-'));
  model = await startModel({ stories });
  await createSampleRepo(join(folder, 'sample.git'));
  runShell(
    'git clone -q sample.git work && cd work && git config user.name Toast && git config user.email toast@example.invalid && git switch -q -c work',
    folder,
  );
});
afterEach(async () => {
  await model.close();
  rmSync(folder, { recursive: true, force: true });
});

test.each(['openai', 'anthropic'] as const)(
  'real Kilo over ACP plays a story to its end in the %s format: primed, edited, tested, committed, handed in',
  async (shape) => {
    const done: unknown[] = [];
    const directory = join(folder, 'work');
    const kilo = await kiloSession({
      model: model.url,
      shape,
      home: join(folder, 'kilo'),
      directory,
      role: { name: 'polecat', prompt: 'You are a polecat.' },
      tools: {
        prime: () =>
          JSON.stringify({ summary: 'You are Toast.', data: { bead: { title: 'Add a format function with tests' } }, links: [] }),
        done: (args) => {
          done.push(args);
          return JSON.stringify({ summary: 'Handed in.', data: null, links: [] });
        },
      },
    });
    try {
      const { stopReason, updates } = await kilo.prompt('Begin.');
      expect(stopReason).toBe('end_turn');
      expect(updates).toContain('tool_call');
    } finally {
      await kilo.close();
    }
    expect(done).toEqual([{ summary: expect.stringContaining('104 tests pass') }]);
    expect(runShell('git log --format=%s%n%an main..', directory)).toBe('Add format, the reverse of parse\nToast\n');
    expect(readFileSync(join(directory, 'index.js'), 'utf8')).toContain("module.exports.format = require('./format')");
    expect(runShell(`${SAMPLE_GATE} > /dev/null; echo $?`, directory)).toBe('0\n');
    const played = model.requests().filter((request) => request.plan.kind === 'scene' || request.plan.kind === 'opening');
    expect(played.map((request) => request.plan.step)).toEqual([-1, 1, 2, 3, 4, 5, 6, 7]);
    expect(new Set(played.map((request) => request.api))).toEqual(new Set([shape]));
    expect(new Set(played.map((request) => request.headers['x-session-id'])).size).toBe(1);
  },
);
