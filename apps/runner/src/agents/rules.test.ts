import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OWN } from '../system/cell.ts';
import { tempFolder } from '../testing/fixtures.ts';
import { WISH } from '../testing/scripted-agent.ts';
import { AGENT_KINDS } from './catalogue.ts';
import { MOST_RULE_BYTES, withRules } from './rules.ts';
import { RULES_PLUGIN } from './rules-plugin.ts';

interface Rules {
  Rules(instance: { directory: string }): Promise<Record<string, (asked: object, output: { system: string[] }) => Promise<void>>>;
}

/** Both ways in which rules are told: by a plugin inside the program, and by the runner with the role. */
async function inPlugin(directory: string): Promise<string[]> {
  const file = join(tempFolder(), 'plugin.mjs');
  writeFileSync(file, RULES_PLUGIN);
  const { Rules } = (await import(file)) as Rules;
  const system = ['role'];
  await (await Rules({ directory }))['experimental.chat.system.transform']?.({}, { system });
  return system.slice(1);
}

async function withRole(cwd: string): Promise<string[]> {
  const { rolePrompt } = await withRules(OWN, { ...WISH, kind: claude, cwd, rolePrompt: 'role' });
  return rolePrompt === 'role' ? [] : [rolePrompt.replace(/^role\n\n/, '')];
}

const claude = AGENT_KINDS.find(({ id }) => id === 'claude')!;

function worktree() {
  const folder = tempFolder();
  const directory = join(folder, "work tree's");
  mkdirSync(directory);
  writeFileSync(join(folder, 'secret'), 'secret');
  return { directory, at: (name: string): string => join(directory, name) };
}

const WAYS = [
  ['a plugin', inPlugin],
  ['the role', withRole],
] as const;

test.each(WAYS)(
  'by %s the rules of the folder reach the model, the first of both files alone; nothing that a link leads out to, no folder, nothing without end (GT-7)',
  async (_way, tell) => {
    const { directory, at } = worktree();
    const told = () => tell(directory);
    expect(await told()).toEqual([]);
    symlinkSync('../secret', at('AGENTS.md'));
    expect(await told()).toEqual([]);
    writeFileSync(at('CLAUDE.md'), 'Be brief.\n\n');
    expect(await told()).toEqual([`Instructions from: ${at('CLAUDE.md')}\nBe brief.\n\n`]);
    rmSync(at('AGENTS.md'));
    writeFileSync(at('AGENTS.md'), 'Be kind.');
    expect(await told()).toEqual([`Instructions from: ${at('AGENTS.md')}\nBe kind.`]);
    writeFileSync(at('AGENTS.md'), 'x'.repeat(MOST_RULE_BYTES + 1));
    expect(await told()).toEqual([`Instructions from: ${at('CLAUDE.md')}\nBe brief.\n\n`]);
    writeFileSync(at('AGENTS.md'), 'no\0text');
    expect(await told()).toEqual([`Instructions from: ${at('CLAUDE.md')}\nBe brief.\n\n`]);
    writeFileSync(at('AGENTS.md'), 'ä'.repeat(MOST_RULE_BYTES / 2));
    expect((await told())[0]).toHaveLength(`Instructions from: ${at('AGENTS.md')}\n`.length + MOST_RULE_BYTES / 2);
    rmSync(at('AGENTS.md'));
    mkdirSync(at('AGENTS.md'));
    rmSync(at('CLAUDE.md'));
    symlinkSync('AGENTS.md', at('CLAUDE.md'));
    expect(await told()).toEqual([]);
    rmSync(at('AGENTS.md'), { recursive: true });
    writeFileSync(at('AGENTS.md'), ' ');
    writeFileSync(at('rules.md'), 'Be calm.');
    rmSync(at('CLAUDE.md'));
    symlinkSync('rules.md', at('CLAUDE.md'));
    expect(await told()).toEqual([`Instructions from: ${at('CLAUDE.md')}\nBe calm.`]);
  },
);

test.each(WAYS)('by %s a pipe in the place of the rules holds nobody up (I10)', async (_way, tell) => {
  const { directory, at } = worktree();
  execFileSync('mkfifo', [at('AGENTS.md')]);
  writeFileSync(at('CLAUDE.md'), 'Be brief.');
  expect(await tell(directory)).toEqual([`Instructions from: ${at('CLAUDE.md')}\nBe brief.`]);
});

test('an agent that reads the rules itself is not told them with its role', async () => {
  const { directory, at } = worktree();
  writeFileSync(at('AGENTS.md'), 'Be kind.');
  for (const kind of AGENT_KINDS.filter(({ id }) => id !== 'claude'))
    expect((await withRules(OWN, { ...WISH, kind, cwd: directory, rolePrompt: 'role' })).rolePrompt).toBe('role');
});

test.runIf(process.getuid?.() === 0)('what the agent itself may not read is not told with its role (GT-7)', async () => {
  const { directory, at } = worktree();
  chmodSync(join(directory, '..'), 0o755);
  writeFileSync(at('AGENTS.md'), 'secret', { mode: 0o600 });
  const cell = { name: 'agent', user: { uid: 54_321, gid: 54_321, groups: [] } };
  const told = async () => (await withRules(cell, { ...WISH, kind: claude, cwd: directory, rolePrompt: 'role' })).rolePrompt;
  expect(await told()).toBe('role');
  chmodSync(at('AGENTS.md'), 0o644);
  expect(await told()).toContain('secret');
});
