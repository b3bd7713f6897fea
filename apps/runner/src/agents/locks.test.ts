import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OWN } from '../system/cell.ts';
import { tempFolder } from '../testing/fixtures.ts';
import { freeLocks } from './locks.ts';

async function pidOfTheDead(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid!;
}

async function lockedFolder(): Promise<string> {
  const folder = join(tempFolder(), 'state', 'locks');
  const lock = (name: string, holder: number | null): void => {
    mkdirSync(join(folder, `${name}.lock`), { recursive: true });
    writeFileSync(join(folder, `${name}.lock`, 'heartbeat'), '');
    if (holder !== null)
      writeFileSync(join(folder, `${name}.lock`, 'meta.json'), JSON.stringify({ token: 'a', pid: holder, hostname: 'h' }, null, 2));
  };
  lock('dead', await pidOfTheDead());
  lock('living', process.pid);
  lock('being taken', null);
  return folder;
}

test('locks that killed agent processes left are gone before the next one starts (AG-12)', async () => {
  const folder = await lockedFolder();
  await freeLocks(OWN, folder, true);
  expect(existsSync(folder)).toBe(false);
  await freeLocks(OWN, folder, true);
});

test('where others of the pool run, what they hold or are about to take stays (AG-12)', async () => {
  const folder = await lockedFolder();
  await freeLocks(OWN, folder, false);
  expect(readdirSync(folder).toSorted()).toEqual(['being taken.lock', 'living.lock']);
  await freeLocks(OWN, join(folder, 'nowhere'), false);
});
