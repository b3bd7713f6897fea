import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOfWrite } from '../machine/errno.ts';
import { LAUNCHER_MARK, processesOfState, processesOfTown } from '../machine/marks.ts';
import { lockFolderNow } from '../machine/flock.ts';
import { allPids, identityOf, isAlive, processFacts } from '../machine/processes.ts';
import { until } from '../testing/until.ts';
import { LAYOUT, openStateFolder } from './folder.ts';
import { openKeys } from './keys.ts';
import { runningLock, takeLock } from './lock.ts';
import { openLog } from './log-file.ts';
import { endOrphans } from './orphans.ts';

let folder: string;
const children: ChildProcess[] = [];
const WANTED = { version: '1', demo: false, startedAt: 1, port: 1 };
const modeOf = (file: string): number => statSync(file).mode & 0o777;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gastown-state-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A process that waits, deaf to SIGTERM when told so. Resolves when it is ready for signals. */
async function waiting(env: Record<string, string>, deaf = false): Promise<ChildProcess & { pid: number }> {
  const child = spawn(
    process.execPath,
    ['-e', `${deaf ? "process.on('SIGTERM', () => {});" : ''} setInterval(() => {}, 1000); console.log('ready')`],
    { env },
  );
  children.push(child);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child as ChildProcess & { pid: number };
}

describe('the state folder', () => {
  it('is private to its user, and says which version wrote it', () => {
    const state = path.join(folder, 'new/state');
    expect(openStateFolder(state, '1.2.3')).toMatchObject({ ok: true });
    expect(modeOf(state)).toBe(0o700);
    expect(JSON.parse(readFileSync(path.join(state, 'version.json'), 'utf8'))).toEqual({ layout: LAYOUT, version: '1.2.3' });
  });

  it('of a newer layout is refused and not touched (state_too_new)', () => {
    const newer = JSON.stringify({ layout: LAYOUT + 1, version: '9.0.0' });
    writeFileSync(path.join(folder, 'version.json'), newer);
    expect(openStateFolder(folder, '1')).toMatchObject({
      ok: false,
      failure: { code: 'state_too_new', message: expect.stringContaining('9.0.0') },
    });
    expect(readFileSync(path.join(folder, 'version.json'), 'utf8')).toBe(newer);
    expect(readdirSync(folder)).toEqual(['version.json']);
  });

  it.each(['', '{', 'null', '{"version":1e999}', '{"layout":1e999,"version":"1"}', '{"layout":1.5,"version":"1"}'])(
    'whose version.json is damaged (%j) is refused with its name, and nothing is changed (state_damaged)',
    (text) => {
      const version = path.join(folder, 'version.json');
      writeFileSync(version, text);
      expect(openStateFolder(folder, '1')).toMatchObject({
        ok: false,
        failure: { code: 'state_damaged', message: expect.stringContaining(version), next: expect.stringContaining('"layout":1') },
      });
      expect(readdirSync(folder)).toEqual(['version.json']);
      expect(readFileSync(version, 'utf8')).toBe(text);
    },
  );

  it('that cannot be written is refused (state_unwritable)', () => {
    writeFileSync(path.join(folder, 'a-file'), '');
    for (const bad of [path.join(folder, 'a-file'), path.join(folder, 'a-file/below'), '/proc/gastown']) {
      expect(openStateFolder(bad, '1')).toMatchObject({ ok: false, failure: { code: 'state_unwritable' } });
    }
  });

  it('is never made of a folder that holds other things, whose mode stays as it was (state_unwritable)', () => {
    writeFileSync(path.join(folder, 'letter.txt'), 'dear');
    chmodSync(folder, 0o755);
    expect(openStateFolder(folder, '1')).toMatchObject({ ok: false, failure: { code: 'state_unwritable' } });
    expect(readdirSync(folder)).toEqual(['letter.txt']);
    expect(modeOf(folder)).toBe(0o755);
  });

  it.each([
    ['ENOSPC', 'disk_full'],
    ['EDQUOT', 'disk_full'],
    ['EMFILE', 'machine_full'],
    ['EAGAIN', 'machine_full'],
    ['EROFS', 'state_unwritable'],
    ['EACCES', 'state_unwritable'],
  ])('%s becomes %s; a bug stays a bug', (code, expected) => {
    expect(failureOfWrite(Object.assign(new Error('x'), { code }), '/s')?.code).toBe(expected);
    expect(failureOfWrite(new TypeError('x'), '/s')).toBeNull();
  });
});

describe('the keys', () => {
  const place = () => ({ keys: path.join(folder, 'keys.json'), workers: path.join(folder, 'workers') });
  const used = (): void => {
    mkdirSync(place().workers, { recursive: true });
    writeFileSync(path.join(place().workers, 'db.sqlite'), '');
  };

  it('are made once, of the right size, for this user only', () => {
    const { keys: file } = place();
    const made = openKeys(place());
    if (!made.ok) throw new Error(made.failure.message);
    expect(Buffer.from(made.value.sealKey, 'base64')).toHaveLength(32);
    expect(modeOf(file)).toBe(0o600);
    chmodSync(file, 0o644);
    used();
    expect(openKeys(place())).toEqual(made);
    expect(openKeys(place(), true)).toEqual(made);
    expect(modeOf(file)).toBe(0o600);
  });

  it('that are gone from a state with towns are not made anew unless a person says so (keys_lost)', () => {
    used();
    expect(openKeys(place())).toMatchObject({ ok: false, failure: { code: 'keys_lost' } });
    expect(existsSync(place().keys)).toBe(false);
    expect(openKeys(place(), true)).toMatchObject({ ok: true });
  });

  it.each(['', '{', '{"sealKey":"short","hostKey":"x"}'])('damaged (%j) are never overwritten: what they sealed would be lost', (text) => {
    const { keys: file } = place();
    writeFileSync(file, text);
    expect(openKeys(place())).toMatchObject({ ok: false, failure: { code: 'keys_lost' } });
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(openKeys(place(), true)).toMatchObject({ ok: true });
    expect(readFileSync(`${file}.damaged-1`, 'utf8')).toBe(text);
  });
});

const file = (): string => path.join(folder, 'lock.json');
const lockOf = (identity: object): string => JSON.stringify({ ...identity, ...WANTED, url: 'http://x', hostUrl: null, children: [] });

describe('the lock', () => {
  it('is held by one, told to the next, and free after its release', () => {
    const lock = takeLock(file(), WANTED);
    if (!lock.ok) throw new Error(lock.failure.message);
    lock.value.update({ url: 'http://127.0.0.1:1' });
    expect(takeLock(file(), WANTED)).toMatchObject({
      ok: false,
      failure: { code: 'already_running', details: { pid: process.pid, url: 'http://127.0.0.1:1' } },
    });
    lock.value.release();
    lock.value.update({ url: 'late' });
    expect(runningLock(file())).toBeNull();
    expect(takeLock(file(), WANTED)).toMatchObject({ ok: true });
    expect(readdirSync(folder)).toEqual(['lock.json']);
  });

  it('of a launcher that is gone is taken', async () => {
    const other = await waiting({});
    writeFileSync(file(), lockOf(identityOf(other.pid)));
    expect(takeLock(file(), WANTED)).toMatchObject({ ok: false, failure: { code: 'already_running' } });
    other.kill('SIGKILL');
    await until('its end', () => processFacts(other.pid) === null);
    expect(takeLock(file(), WANTED)).toMatchObject({ ok: true, value: { record: { pid: process.pid } } });
  });

  it('whose process id belongs to another program by now is taken, and that program lives', async () => {
    const other = await waiting({});
    writeFileSync(file(), lockOf({ pid: other.pid, startTicks: identityOf(other.pid).startTicks - 1 }));
    expect(takeLock(file(), WANTED)).toMatchObject({ ok: true });
    expect(processFacts(other.pid)).not.toBeNull();
  });

  it('that is no record is taken', () => {
    writeFileSync(file(), '{"pid":');
    expect(takeLock(file(), WANTED)).toMatchObject({ ok: true });
  });

  it('goes to exactly one of many that start at once over a stale one', async () => {
    writeFileSync(file(), lockOf({ pid: 999_999_999, startTicks: 1 }));
    const source = `import { takeLock } from ${JSON.stringify(path.join(import.meta.dirname, 'lock.ts'))};
      const taken = takeLock(${JSON.stringify(file())}, ${JSON.stringify(WANTED)}); console.log(taken.ok ? 'taken' : taken.failure.code); setInterval(() => {}, 1000);`;
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
        children.push(child);
        return new Promise<string>((resolve) => child.stdout.once('data', (part: Buffer) => resolve(part.toString().trim())));
      }),
    );
    expect(answers.toSorted()).toEqual([
      'already_running',
      'already_running',
      'already_running',
      'already_running',
      'already_running',
      'taken',
    ]);
  });

  it('that is stale is judged and taken by one at a time: who comes second sees what the first wrote', async () => {
    writeFileSync(file(), lockOf({ pid: 999_999_999, startTicks: 1 }));
    const first = openSync(folder, 'r');
    expect(lockFolderNow(first)).toMatchObject({ ok: true });
    const source = `import { takeLock } from ${JSON.stringify(path.join(import.meta.dirname, 'lock.ts'))};
      const taken = takeLock(${JSON.stringify(file())}, ${JSON.stringify(WANTED)}); console.log(taken.ok ? 'taken' : taken.failure.code);`;
    const second = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(second);
    const answer = new Promise<string>((resolve) => second.stdout.once('data', (part: Buffer) => resolve(part.toString().trim())));
    await until('its wait', () => allPids().some((pid) => processFacts(pid)?.parent === second.pid));
    writeFileSync(file(), lockOf(identityOf(process.pid)));
    closeSync(first);
    expect(await answer).toBe('already_running');
  });
});

describe('orphans', () => {
  it('of this state folder are ended, deaf ones too; those of another folder and a person’s own shell in it are not', async () => {
    const state = path.join(folder, 'state');
    mkdirSync(state);
    const ours = await Promise.all([
      waiting({ [LAUNCHER_MARK]: state }),
      waiting({ GASTOWN_STATE: `${state}/towns/t` }),
      waiting({ HOME: `${state}/towns/t/agents/p/home` }, true),
    ]);
    const others = await Promise.all([
      waiting({ [LAUNCHER_MARK]: `${state}-2` }),
      waiting({ PWD: `${state}/towns/t`, GASTOWN_STATE: state }),
      waiting({ HOME: `${state}-2/towns/t/agents/p/home` }),
    ]);
    expect(
      processesOfTown(`${state}/towns/t`)
        .map(({ pid }) => pid)
        .toSorted(),
    ).toEqual([ours[1].pid, ours[2].pid].toSorted());
    const ended = await endOrphans(state);
    expect(ended.map(({ pid }) => pid).toSorted()).toEqual(ours.map(({ pid }) => pid).toSorted());
    expect(ended.filter(isAlive)).toEqual([]);
    expect(processesOfState(state)).toEqual([]);
    expect(others.map(({ pid }) => processFacts(pid)).filter(Boolean)).toHaveLength(3);
  });
});

describe('a log', () => {
  it('never takes more than twice its cap and keeps the newest', () => {
    const log = openLog(path.join(folder, 'x.log'), 100);
    for (let at = 0; at < 50; at++) log.write(`${String(at).padStart(9, '0')}\n`);
    expect(statSync(log.file).size + statSync(`${log.file}.1`).size).toBeLessThanOrEqual(200);
    expect(readFileSync(log.file, 'utf8')).toContain('000000049');
    expect(modeOf(log.file)).toBe(0o600);
    expect(existsSync(`${log.file}.2`)).toBe(false);
  });

  it('that cannot be written, or not begin anew, ends nobody; it goes on when it can', () => {
    mkdirSync(path.join(folder, 'gone'));
    const log = openLog(path.join(folder, 'gone', 'x.log'), 100);
    log.write('first\n');
    rmSync(path.join(folder, 'gone'), { recursive: true });
    log.write('nobody sees this\n'); // ENOENT
    log.write('x'.repeat(99)); // and where it should be renamed
    writeFileSync(path.join(folder, 'gone'), '');
    log.write('nor this\n'); // ENOTDIR
    rmSync(path.join(folder, 'gone'));
    mkdirSync(path.join(folder, 'gone', 'x.log.1'), { recursive: true });
    log.write(`${'y'.repeat(90)}\n`);
    log.write('the old one cannot be put away\n'); // EISDIR
    rmSync(path.join(folder, 'gone', 'x.log.1'), { recursive: true });
    log.write('last\n'.repeat(3));
    expect(readFileSync(log.file, 'utf8')).toContain('last');
    expect(readFileSync(`${log.file}.1`, 'utf8')).toContain('yyy');
  });
});
