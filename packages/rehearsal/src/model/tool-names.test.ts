import { expect, test } from 'vitest';
import { isTool, offeredArgs, offeredName } from './tool-names.ts';

test('a logical tool is found under the name that each agent gives it', () => {
  expect(offeredName('gt_done', ['bash', 'gt_done'])).toBe('gt_done');
  expect(offeredName('gt_done', ['Bash', 'mcp__gt__done'])).toBe('mcp__gt__done');
  expect(offeredName('bash', ['Read', 'Bash'])).toBe('Bash');
  expect(offeredName('bash', ['exec_command', 'gt.done'])).toBe('exec_command');
  expect(offeredName('gt_done', ['exec_command', 'gt.done'])).toBe('gt.done');
});

test('a tool that only looks alike is not it', () => {
  expect(offeredName('gt_done', ['done', 'gt_done_all', 'abandoned'])).toBeNull();
  expect(isTool('gt_prime', 'mcp__gt__prime')).toBe(true);
  expect(isTool('gt_prime', 'gt_primer')).toBe(false);
});

test('a shell command goes into the argument that the tool has', () => {
  expect(offeredArgs('bash', { command: 'ls', description: 'List' })).toEqual({ command: 'ls', description: 'List' });
  expect(offeredArgs('exec_command', { command: 'ls', description: 'List' })).toEqual({ cmd: 'ls' });
});
