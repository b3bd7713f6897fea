/** The whole commit suite. Brings what its tests talk to, when it is missing and may be installed here. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { QUIET_TOOLS } from '../build/npm.ts';
import { childPath, ROOT } from '../project.ts';
import type { Screen } from '../terminal/screen.ts';

interface Needed {
  readonly name: string;
  readonly file: string;
  readonly packages: readonly string[];
  readonly otherwise: string;
}

const NEEDED: readonly Needed[] = [
  {
    name: 'Chromium',
    file: '/usr/bin/chromium',
    packages: ['chromium', 'fonts-dejavu-core', 'fonts-noto-color-emoji'],
    otherwise: 'the browser tests will fail',
  },
  { name: 'The SSH server', file: '/usr/sbin/sshd', packages: ['openssh-server'], otherwise: 'the tests of SSH repositories will fail' },
];
const TALLY = /^\d+ passed, \d+ failed$/;

/** Resolves to the exit code. The count stays the last line: whoever reads it needs no more words after it. */
export async function test(args: readonly string[], screen: Screen): Promise<number> {
  for (const what of NEEDED) await bring(what, screen);
  const { code, lastLine } = await runSuite(args);
  // A suite that broke before it could count still ends with a count.
  if (!TALLY.test(lastLine)) screen.say('0 passed, 1 failed');
  return code === 0 && TALLY.test(lastLine) ? 0 : 1;
}

async function bring(what: Needed, screen: Screen): Promise<void> {
  if (existsSync(what.file)) return;
  const apt = existsSync('/usr/bin/apt-get');
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (!apt) return screen.warn(`${what.name} is not at ${what.file} and there is no apt-get: ${what.otherwise}.`);
  screen.say(`${what.name} is missing: installing it with apt-get.`);
  const failed = await screen.during(`Installing ${what.name}`, install(asRoot, what.packages));
  if (failed !== null) screen.warn(`apt-get did not install it; ${what.otherwise}.\n${failed}`);
}

/** Null when it worked, else the end of what was said. */
async function install(asRoot: readonly string[], packages: readonly string[]): Promise<string | null> {
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
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
