import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { FAILURES } from '@gastown/protocol';
import { expect, it } from 'vitest';
import { ROOT } from './project.ts';

const steps = Object.entries(FAILURES).map(([code, { next }]) => [code, next] as const);

it('every command that a next step names is one that there is, with the options it names (FR-5)', () => {
  const help = (...args: string[]): string =>
    spawnSync(process.execPath, [path.join(ROOT, 'apps/cli/src/main.ts'), ...args, '--help'], { encoding: 'utf8' }).stdout;
  const known = help();
  const named = steps.flatMap(([code, next]) =>
    [...next.matchAll(/\.\/gastown ([a-z]+)((?: [a-z]+| --[a-z-]+(?: [A-Z]+)?)*)/g)].map(([, command = '', rest = '']) => ({
      code,
      command,
      rest,
    })),
  );
  expect(named.length).toBeGreaterThan(10);
  for (const { code, command, rest } of named) {
    expect(known, code).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    const [, option = command] = /(--[a-z-]+)/.exec(rest) ?? [];
    const sub = command === 'beads' ? [/^ ([a-z]+)/.exec(rest)?.[1] ?? ''] : [];
    expect(help(command, ...sub), code).toContain(option);
  }
});

it('a next step that sends a person to look something up says where (FR-5)', () => {
  const looks = steps.filter(([, next]) => /\b(list|lists|see)\b/i.test(next));
  expect(looks.length).toBeGreaterThan(5);
  for (const [code, next] of looks) expect(next, code).toMatch(/\.\/gastown [a-z]+|\bpage\b|Settings ›|docs\/|from the list|message names/);
});
