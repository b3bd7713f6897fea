import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { agentKinds, agentPrograms } from './agents.ts';

function kinds() {
  const programs = agentPrograms();
  if (!programs.ok) throw new Error(programs.failure.message);
  return agentKinds(programs.value);
}

it('tells the page of each agent program whether it has a live view', () => {
  const kilo = kinds().find(({ id }) => id === 'kilo');
  expect(kilo).toEqual({ id: 'kilo', label: 'Kilo CLI', liveView: true });
});

it('a row of the agents’ file without `attach` has none', () => {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'gastown-agents-')), 'agents.json');
  const row = {
    id: 'mine',
    label: 'Mine',
    program: { command: process.execPath },
    args: [],
    toolPattern: 'gt_{tool}',
    apis: ['chat'],
    role: 'instructions',
  };
  writeFileSync(file, JSON.stringify([row]));
  vi.stubEnv('GASTOWN_AGENTS_FILE', file);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(path.dirname(file), { recursive: true });
  });
  expect(kinds().find(({ id }) => id === 'mine')).toEqual({ id: 'mine', label: 'Mine', liveView: false });
});

it('an agents’ file that cannot be read is a failure that the doctor tells, and none that ends it (AG-23)', () => {
  vi.stubEnv('GASTOWN_AGENTS_FILE', path.join(os.tmpdir(), 'gastown-no-such-folder', 'agents.json'));
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(agentPrograms()).toMatchObject({ ok: false, failure: { message: expect.stringContaining('cannot be read') } });
});

it('a town does not start with an agents’ file that cannot be read, and says so in a sentence (AG-23, UI-18)', () => {
  const state = mkdtempSync(path.join(os.tmpdir(), 'gastown-agents-'));
  onTestFinished(() => rmSync(state, { recursive: true }));
  const env = { ...process.env, GASTOWN_AGENTS_FILE: path.join(state, 'none.json') };
  const up = spawnSync(process.execPath, [path.join(import.meta.dirname, 'main.ts'), 'up', '--state', state, '--port', '28977'], { env });
  expect(up.status).toBe(1);
  expect(String(up.stderr)).toMatch(/^invalid_input: GASTOWN_AGENTS_FILE .*cannot be read/m);
  expect(String(up.stderr)).not.toContain('at async');
}, 60_000);

it('neither does a runner of somebody’s own machine (AG-23, UI-18)', () => {
  const env = {
    ...process.env,
    GASTOWN_AGENTS_FILE: '/nonexistent/agents.json',
    GASTOWN_RUNNER_TOKEN: `gtm.abcdefghijkl.rn-000000000001.1.${'m'.repeat(43)}`,
  };
  const args = [path.join(import.meta.dirname, 'main.ts'), 'runner', '--town', 'http://127.0.0.1:1'];
  const runner = spawnSync(process.execPath, args, { env });
  expect([runner.status, String(runner.stderr)]).toEqual([
    1,
    expect.stringMatching(/^invalid_input: GASTOWN_AGENTS_FILE .*cannot be read/),
  ]);
}, 60_000);
