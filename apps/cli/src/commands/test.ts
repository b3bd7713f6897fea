/** The whole commit suite. Brings Chromium when it is missing and may be installed here. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { QUIET_TOOLS } from '../build/npm.ts';
import { childPath, ROOT } from '../project.ts';
import type { Screen } from '../terminal/screen.ts';

const CHROMIUM = '/usr/bin/chromium';
const PACKAGES = ['chromium', 'fonts-dejavu-core', 'fonts-noto-color-emoji'];
const TALLY = /^\d+ passed, \d+ failed$/;

/** Resolves to the exit code. The count stays the last line: whoever reads it needs no more words after it. */
export async function test(args: readonly string[], screen: Screen): Promise<number> {
  await bringChromium(screen);
  const { code, lastLine } = await runSuite(args);
  // A suite that broke before it could count still ends with a count.
  if (!TALLY.test(lastLine)) screen.say('0 passed, 1 failed');
  return code === 0 && TALLY.test(lastLine) ? 0 : 1;
}

async function bringChromium(screen: Screen): Promise<void> {
  if (existsSync(CHROMIUM)) return;
  const apt = existsSync('/usr/bin/apt-get');
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (!apt) return screen.warn(`Chromium is not at ${CHROMIUM} and there is no apt-get: the browser tests will fail.`);
  screen.say('Chromium is missing: installing it with apt-get for the browser tests.');
  const failed = await screen.during('Installing Chromium', installChromium(asRoot));
  if (failed !== null) screen.warn(`apt-get did not install it; the browser tests will fail.\n${failed}`);
}

/** Null when it worked, else the end of what was said. */
async function installChromium(asRoot: readonly string[]): Promise<string | null> {
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...PACKAGES]]) {
    const { code, output } = await runQuietly([...asRoot, 'apt-get', ...args]);
    if (code !== 0) return output.trim().split('\n').slice(-5).join('\n');
  }
  return null;
}

function runQuietly([program = '', ...args]: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
    let output = '';
    child.stdout.on('data', (part: Buffer) => (output += part.toString()));
    child.stderr.on('data', (part: Buffer) => (output += part.toString()));
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

function runSuite(args: readonly string[]): Promise<{ code: number; lastLine: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', 'test:commit', '--', ...args], {
      cwd: ROOT,
      stdio: ['inherit', 'pipe', 'inherit'],
      env: { ...process.env, ...QUIET_TOOLS, PATH: childPath() },
    });
    let tail = '';
    child.stdout.on('data', (part: Buffer) => {
      process.stdout.write(part);
      tail = (tail + part.toString()).slice(-4_096);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, lastLine: tail.trimEnd().split('\n').at(-1) ?? '' }));
  });
}
