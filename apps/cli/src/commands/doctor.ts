/** Looks at everything that `up` needs and says what is wrong, all at once. Changes nothing. */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { nextStep } from '@gastown/protocol';
import type { FailureCode } from '@gastown/protocol';
import pc from 'picocolors';
import { agentPrograms } from '../agents.ts';
import { errnoOf } from '../machine/errno.ts';
import { checkPort } from '../machine/port.ts';
import { VERSION } from '../project.ts';
import { modelOffer, modelText } from '../runtime/environment.ts';
import { defaultState, freeBytes, LAYOUT, LEAST_FREE_BYTES, pathsOf } from '../state/folder.ts';
import { runningLock } from '../state/lock.ts';
import type { LockRecord } from '../state/lock.ts';
import type { Screen } from '../terminal/screen.ts';
import { runningTown } from './which-state.ts';

interface Finding {
  readonly what: string;
  readonly grade: 'good' | 'note' | 'bad';
  readonly text: string;
}

export interface DoctorOptions {
  readonly state?: string;
  readonly port: number;
  readonly json?: boolean;
}

const COMFORTABLE_BYTES = 2 * 1024 * 1024 * 1024;

/** Resolves to the exit code: 1 when a start would fail. */
export async function doctor(options: DoctorOptions, screen: Screen): Promise<number> {
  const findings = await examine(options, process.env);
  const bad = findings.filter(({ grade }) => grade === 'bad');
  if (options.json) screen.say(JSON.stringify({ ok: bad.length === 0, findings }));
  else for (const finding of findings) screen.say(line(finding));
  return bad.length === 0 ? 0 : 1;
}

async function examine({ state: given, port }: DoctorOptions, variables: Readonly<Record<string, string | undefined>>): Promise<Finding[]> {
  const state = path.resolve(given ?? defaultState(false));
  const holder = existsSync(state) ? runningLock(pathsOf(state).lock) : null;
  return [
    { what: 'gastown', grade: 'good', text: `version ${VERSION}, state layout ${LAYOUT}` },
    { what: 'node', grade: 'good', text: `${process.version} at ${process.execPath}` },
    await git(),
    folder(state),
    disk(state),
    holder === null
      ? { what: 'lock', grade: 'good', text: 'no town runs on this state folder' }
      : { what: 'lock', grade: 'note', text: `a town runs on it at ${holder.url ?? '(starting)'}, process ${holder.pid}` },
    await portFinding(port, holder),
    ...agentPrograms().map(({ label, file, ours }): Finding => {
      if (file !== null) return { what: label, grade: 'good', text: file };
      return ours
        ? bad(label, 'agent_unknown', 'its program is not installed; run npm install')
        : { what: label, grade: 'note', text: 'not installed; it is an agent that towns may use when it is' };
    }),
    model(variables),
  ];
}

const bad = (what: string, code: FailureCode, text: string): Finding => ({
  what,
  grade: 'bad',
  text: `${code}: ${text} → ${nextStep({ code })}`,
});

const git = (): Promise<Finding> =>
  promisify(execFile)('git', ['--version']).then(
    ({ stdout }): Finding => ({ what: 'git', grade: 'good', text: stdout.trim() }),
    () => bad('git', 'git_missing', 'git does not run.'),
  );

function folder(state: string): Finding {
  try {
    accessSync(nearest(state), constants.W_OK);
    return { what: 'state', grade: 'good', text: `${state}${existsSync(state) ? '' : ' (will be made)'}` };
  } catch (cause) {
    return bad('state', 'state_unwritable', `${state} cannot be written (${errnoOf(cause)}).`);
  }
}

function disk(state: string): Finding {
  const free = freeBytes(nearest(state));
  const text = `${(free / 1024 ** 3).toFixed(1)} GB free`;
  if (free < LEAST_FREE_BYTES) return bad('disk', 'disk_full', `${text}.`);
  return { what: 'disk', grade: free < COMFORTABLE_BYTES ? 'note' : 'good', text };
}

/** A town of one's own on the port is told by its folder, not by a process. */
async function portFinding(port: number, holder: LockRecord | null): Promise<Finding> {
  if (holder?.port === port) return { what: 'port', grade: 'good', text: `${port}, held by the running town` };
  const other = runningTown(undefined);
  if (other.ok && other.value.lock.port === port) {
    const { folder: its, lock } = other.value;
    const text = `port_taken: your ${lock.demo ? 'demo' : 'town'} on ${its.root} runs on ${port} → ./gastown stop, or start with --port.`;
    return { what: 'port', grade: 'bad', text };
  }
  const free = await checkPort(port);
  return free.ok ? { what: 'port', grade: 'good', text: `${port} is free` } : bad('port', 'port_taken', free.failure.message);
}

function model(variables: Readonly<Record<string, string | undefined>>): Finding {
  const offer = modelOffer(variables);
  if (!offer.ok) return bad('model', offer.failure.code, offer.failure.message);
  return { what: 'model', grade: offer.value.defaultModel === null ? 'note' : 'good', text: modelText(offer.value) };
}

const nearest = (file: string): string => (existsSync(file) ? file : nearest(path.dirname(file)));

const SIGNS = { good: pc.green('✓'), note: pc.yellow('!'), bad: pc.red('✗') };
const line = ({ what, grade, text }: Finding): string => `${SIGNS[grade]} ${what.padEnd(10)} ${text}`;
