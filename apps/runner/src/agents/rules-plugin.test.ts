import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../testing/fixtures.ts';
import { RULES_PLUGIN } from './rules-plugin.ts';

interface Rules {
  Rules(instance: { directory: string }): Promise<Record<string, (asked: object, output: { system: string[] }) => Promise<void>>>;
}

test('the rules of the folder reach the model, the first of both files alone; nothing that a link leads out to, no folder, nothing without end (GT-7)', async () => {
  const folder = tempFolder();
  const directory = join(folder, 'worktree');
  mkdirSync(directory);
  const at = (name: string): string => join(directory, name);
  writeFileSync(join(folder, 'secret'), 'secret');
  writeFileSync(join(folder, 'plugin.mjs'), RULES_PLUGIN);
  const { Rules } = (await import(join(folder, 'plugin.mjs'))) as Rules;
  const told = async (): Promise<string[]> => {
    const system = ['role'];
    await (await Rules({ directory }))['experimental.chat.system.transform']?.({}, { system });
    return system.slice(1);
  };
  expect(await told()).toEqual([]);
  symlinkSync('../secret', at('AGENTS.md'));
  expect(await told()).toEqual([]);
  writeFileSync(at('CLAUDE.md'), 'Be brief.');
  expect(await told()).toEqual([`Instructions from: ${at('CLAUDE.md')}\nBe brief.`]);
  rmSync(at('AGENTS.md'));
  writeFileSync(at('AGENTS.md'), 'Be kind.');
  expect(await told()).toEqual([`Instructions from: ${at('AGENTS.md')}\nBe kind.`]);
  writeFileSync(at('AGENTS.md'), 'x'.repeat(100_001));
  expect(await told()).toEqual([`Instructions from: ${at('CLAUDE.md')}\nBe brief.`]);
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
});
