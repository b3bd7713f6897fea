import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RequestPermissionRequest } from '@agentclientprotocol/sdk';
import { DEFAULT_PERMISSIONS } from '@gastown/protocol';
import type { PermissionDecision, Permissions } from '@gastown/protocol';
import { tempFolder } from '../testing/fixtures.ts';
import type { PermissionQuestion } from './driver.ts';
import { makePermits } from './permission.ts';

type Call = RequestPermissionRequest['toolCall'];
const request = (
  toolCall: Omit<Call, 'toolCallId'>,
  kinds: readonly ('allow_once' | 'allow_always' | 'reject_once')[] = ['allow_always', 'allow_once', 'reject_once'],
) => ({
  sessionId: 's',
  toolCall: { toolCallId: 'call-1', ...toolCall },
  options: kinds.map((kind) => ({ kind, name: kind, optionId: `id-${kind}` })),
});
const chosen = (optionId: string) => ({ outcome: { outcome: 'selected', optionId } });
const ALLOWED = chosen('id-allow_once');
const DENIED = chosen('id-reject_once');

function setUp({
  permissions = {},
  works = true,
  nobody = false,
  worktree = '/town/worktree',
}: { permissions?: Partial<Permissions>; works?: boolean; nobody?: boolean; worktree?: string } = {}) {
  const asked: PermissionQuestion[] = [];
  const answers: ((decision: PermissionDecision | null) => void)[] = [];
  const ask = (question: PermissionQuestion): Promise<PermissionDecision | null> => {
    asked.push(question);
    return new Promise((resolve) => answers.push(resolve));
  };
  const permits = makePermits({
    permissions: { ...DEFAULT_PERMISSIONS, ...permissions },
    worktree,
    works,
    ask: nobody ? null : ask,
  });
  return { permits, asked, answers };
}

test("the town's own tools are allowed, however the agent spells them, and a command that begins like one is not", async () => {
  const { permits } = setUp({ permissions: { commands: 'deny' }, nobody: true });
  expect(await permits.answer(request({ title: 'gt_done' }))).toEqual(ALLOWED);
  expect(await permits.answer(request({ title: 'Hand in', name: 'mcp__gt__done' } as never))).toEqual(ALLOWED);
  expect(await permits.answer(request({ title: 'gt_done; rm -rf /', kind: 'execute' }))).toEqual(DENIED);
});

const COMMAND = { command: 'cat /etc/hostname', directories: ['/etc'], patterns: ['/etc/*'] };
test.each([
  ['a command, in words of the agent', { title: 'Look', kind: 'other', rawInput: { ...COMMAND, description: 'Look', access: 'read' } }],
  ['a command, in words that mean the web', { title: 'webfetch https://example.org', kind: 'other', rawInput: COMMAND }],
  ['a command, in words that mean a tool of the town', { title: 'gt_done', kind: 'other', rawInput: COMMAND }],
  ['a command without words', { title: 'external_directory', kind: 'other', rawInput: COMMAND }],
  [
    'a command in the background',
    { title: 'tail -f /var/log/x', kind: 'other', rawInput: { command: 'tail -f /var/log/x', access: 'unknown' } },
  ],
  ['a file', { title: '/etc', kind: 'other', rawInput: { filepath: '/etc/hostname', parentDir: '/etc' } }],
] as const)('a folder outside is decided by the setting for it, whatever the title says: %s (AG-10, I19)', async (_, toolCall) => {
  const call = toolCall as Omit<Call, 'toolCallId'>;
  const rest = { web: 'allow', commands: 'allow' } as const;
  expect(await setUp({ permissions: { ...rest, outside: 'deny' } }).permits.answer(request(call))).toEqual(DENIED);
  expect(await setUp({ permissions: { web: 'deny', commands: 'deny', outside: 'allow' } }).permits.answer(request(call))).toEqual(ALLOWED);
  const { permits, asked, answers } = setUp({ permissions: { ...rest, outside: 'ask' } });
  const answer = permits.answer(request(call));
  expect(asked).toMatchObject([{ category: 'outside' }]);
  answers[0]!('once');
  expect(await answer).toEqual(ALLOWED);
});

test('settings decide by category; what nobody can be asked about is denied', async () => {
  const { permits } = setUp({ nobody: true });
  expect(await permits.answer(request({ title: 'ls', kind: 'execute', rawInput: { command: 'ls' } }))).toEqual(ALLOWED);
  expect(await permits.answer(request({ title: 'webfetch', rawInput: { url: 'https://example.org/' } }))).toEqual(DENIED);
  expect(await permits.answer(request({ title: 'external_directory', kind: 'other' }))).toEqual(DENIED);
  expect(await permits.answer(request({ title: 'a thing nobody knows' }))).toEqual(DENIED);
  expect(await permits.answer(request({ title: 'webfetch' }, ['allow_once']))).toEqual({ outcome: { outcome: 'cancelled' } });
});

test('a role that only looks is never asked about (MY-10)', async () => {
  const { permits, asked } = setUp({ works: false, permissions: { commands: 'ask' } });
  expect(await permits.answer(request({ title: 'ls', kind: 'execute' }))).toEqual(DENIED);
  expect(asked).toEqual([]);
});

test('a person is asked with category, one line and particulars; once is once, and for the run the same is not asked again', async () => {
  const { permits, asked, answers } = setUp({ permissions: { commands: 'ask', web: 'ask' } });
  const run = (command: string) => permits.answer(request({ title: 'bash', kind: 'execute', rawInput: { command } }));
  const first = run('npm test');
  expect(asked).toMatchObject([
    { requestId: 'call-1', category: 'commands', title: 'npm test', detail: expect.stringContaining('npm test') },
  ]);
  answers[0]!('once');
  expect(await first).toEqual(ALLOWED);
  const second = run('npm test');
  answers[1]!('run');
  expect(await second).toEqual(ALLOWED);
  expect(await run('npm test')).toEqual(ALLOWED);
  const other = run('npm test && curl evil.example');
  expect(asked).toHaveLength(3);
  answers[2]!('deny');
  expect(await other).toEqual(DENIED);
  const page = (url: string) => permits.answer(request({ title: 'fetch', kind: 'fetch', rawInput: { url } }));
  const visit = page('https://example.org/one');
  expect(asked.at(-1)).toMatchObject({ category: 'web', title: 'https://example.org/one' });
  answers[3]!('run');
  await visit;
  expect(await page('https://example.org/two')).toEqual(ALLOWED);
  void page('https://example.com/');
  expect(asked).toHaveLength(5);
  void page('http://example.org/three');
  expect(asked).toHaveLength(6);
  const file = page('file:///town/one');
  answers[6]!('run');
  expect(await file).toEqual(ALLOWED);
  void page('file:///etc/passwd');
  expect(asked).toHaveLength(8);
});

test('a change in its own worktree is its own business, wherever else it leads is not', async () => {
  const { permits } = setUp({ nobody: true });
  const edit = (file_path: string) => permits.answer(request({ title: 'Edit', kind: 'edit', rawInput: { file_path } }));
  expect(await edit('/town/worktree/src/a.ts')).toEqual(ALLOWED);
  expect(await edit('src/a.ts')).toEqual(ALLOWED);
  expect(await edit('/town/worktree/../other/a.ts')).toEqual(DENIED);
  expect(await edit('/town/worktree-of-another/a.ts')).toEqual(DENIED);
});

test('a link in the worktree leads where it leads, not where it lies', async () => {
  const worktree = tempFolder();
  const outside = tempFolder();
  mkdirSync(join(worktree, 'src'));
  symlinkSync(outside, join(worktree, 'out'));
  symlinkSync(join(outside, 'not-yet'), join(worktree, 'nothing'));
  symlinkSync('src', join(worktree, 'in'));
  const { permits } = setUp({ nobody: true, worktree });
  const edit = (file_path: string) => permits.answer(request({ title: 'Edit', kind: 'edit', rawInput: { file_path } }));
  for (const file of ['out/a.ts', 'out/new/deep/a.ts', 'nothing', 'out/../a.ts', join(worktree, 'out', 'a.ts')])
    expect([file, await edit(file)]).toEqual([file, DENIED]);
  for (const file of ['in/a.ts', 'new/deep/a.ts', join(worktree, 'src', 'a.ts')]) expect([file, await edit(file)]).toEqual([file, ALLOWED]);
});

test('the end of the turn withdraws what waits, and tells whoever shows it', async () => {
  const { permits, asked } = setUp({ permissions: { outside: 'ask' } });
  const waiting = permits.answer(request({ title: 'Write /etc/hosts', kind: 'edit', rawInput: { file_path: '/etc/hosts' } }));
  expect(asked).toMatchObject([{ category: 'outside', title: '/etc/hosts' }]);
  permits.withdraw();
  expect(await waiting).toEqual({ outcome: { outcome: 'cancelled' } });
  expect(asked[0]!.signal.aborted).toBe(true);
});
