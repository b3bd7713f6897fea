/**
 * The process that starts programs for the runner (`program.ts`). A fork copies what its process holds, and holds up whoever forks: this one holds little and does nothing else. It ends with
 * the runner, and what it started is ended with it: each program leads a group of its own, where its helpers are too (git has some), so that one which does not come to its end takes them along.
 * JavaScript, and no library, for the memory that those take (decisions/0014).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

/** @import { ChildProcess } from 'node:child_process' */
/** @import { Readable } from 'node:stream' */
/** @import { ProgramCall, ProgramEnd } from './program.ts' */
/** @typedef {ProgramCall & { readonly id: number }} StarterCall */
/**
 * The group of a program that began, for whoever outlives this process; then its end.
 * @typedef {{ readonly id: number } & ({ readonly group: number } | { readonly end: ProgramEnd })} StarterAnswer
 */

/** @type {Set<number>} */
const groups = new Set();

process.on('message', (/** @type {StarterCall} */ call) => void answer(call));
process.once('disconnect', () => process.exit());
// However it ends, a bug of its own too.
process.once('exit', () => groups.forEach(endGroup));

/**
 * Where nobody takes it any more the runner is gone, and this hears of that only after what it still asked for.
 * @param {StarterAnswer} said
 */
const tell = (said) => void process.send?.(said, undefined, undefined, (cause) => cause && process.exit());

/** @param {StarterCall} call */
async function answer(call) {
  tell({ id: call.id, end: await run(call).catch((cause) => notStarted(call, cause)) });
}

/**
 * @param {StarterCall} call
 * @returns {Promise<ProgramEnd>}
 */
async function run(call) {
  const { id, program, args, cwd, env, input, timeoutMs, mostOutput = Infinity, bytes } = call;
  const child = spawn(program, args, { cwd, env, detached: true, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  const group = child.pid;
  if (group === undefined) throw (await once(child, 'error'))[0];
  groups.add(group);
  tell({ id, group });

  /** @type {'time' | 'output' | null} */
  let beyond = null;
  const breakOff = (/** @type {'time' | 'output'} */ what) => {
    beyond = what;
    if (groups.has(group)) endGroup(group);
  };
  const timer = setTimeout(breakOff, timeoutMs, 'time');
  child.once('exit', (code) => {
    clearTimeout(timer);
    groups.delete(group);
    if (code === null) endGroup(group);
  });
  closePipesAfterEnd(child);
  const gather = (/** @type {Readable | null} */ pipe) =>
    gathered(pipe, bytes === true ? 'latin1' : 'utf8', mostOutput, () => breakOff('output'));
  const out = gather(child.stdout);
  const error = gather(child.stderr);
  // One that ends before it has read all of it does as it likes.
  child.stdin?.on('error', () => undefined).end(input);

  const [code, signal] = await once(child, 'close');
  return { ...howItEnded(call, beyond, code, signal), out: out(), error: error() };
}

/**
 * @param {StarterCall} call
 * @param {'time' | 'output' | null} beyond
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function howItEnded(call, beyond, code, signal) {
  // It may end well before anybody hears that its output was too much.
  const exitCode = beyond === 'output' ? null : code;
  const timedOut = beyond === 'time' && code === null;
  const end = { exitCode, signal, timedOut };
  if (exitCode === 0) return { ...end, says: '' };
  if (timedOut) return { ...end, says: of(call, `timed out after ${call.timeoutMs} milliseconds`) };
  if (beyond === 'output') return { ...end, says: of(call, `was ended, its output was larger than ${call.mostOutput} characters`) };
  return { ...end, says: of(call, signal === null ? `failed with exit code ${code}` : `was killed with ${signal}`) };
}

/**
 * The text that came until it is asked for.
 * @param {Readable | null} pipe
 * @param {BufferEncoding} encoding
 * @param {number} most Characters.
 * @param {() => void} tooMuch
 */
function gathered(pipe, encoding, most, tooMuch) {
  /** @type {string[]} */
  const parts = [];
  let left = most;
  pipe?.setEncoding(encoding).on('data', (/** @type {string} */ text) => {
    parts.push(text.slice(0, left));
    left -= text.length;
    if (left >= 0) return;
    pipe.destroy();
    tooMuch();
  });
  return () => parts.join('');
}

/** What a program wrote before its end is in the pipe already; this is the time to read it. */
const DRAIN_MS = 1_000;
const READ_MS = 100;

/**
 * A process that the program left behind may hold its pipes open for as long as it likes. A second after the program's own end they are closed from here, so that whoever waits for both waits for the program alone.
 * @param {ChildProcess} child
 */
function closePipesAfterEnd(child) {
  const close = () => child.stdio.forEach((pipe) => pipe?.destroy());
  child.once('exit', () => {
    // A second wait: where this process itself was busy all the while, it has read nothing yet.
    let drain = setTimeout(() => (drain = setTimeout(close, READ_MS)), DRAIN_MS);
    child.once('close', () => clearTimeout(drain));
  });
}

/**
 * Why the machine started nothing. Where it is the call, what it was to be given is not repeated: it may hold what nobody is to read.
 * @param {StarterCall} call
 * @param {unknown} cause
 * @returns {ProgramEnd}
 */
function notStarted(call, cause) {
  const { code, syscall } = /** @type {NodeJS.ErrnoException} */ (cause);
  const why = existsSync(call.cwd) ? `failed with ${code}` : `failed with ${code}: there is no such cwd`;
  const says = syscall?.startsWith('spawn') ? of(call, why) : 'The program could not be started with these arguments';
  return { exitCode: null, signal: null, timedOut: false, out: '', error: '', says };
}

const MOST_SAID = 1_000;

/**
 * @param {StarterCall} call
 * @param {string} what
 */
const of = ({ program, args }, what) => `Command ${what}: ${JSON.stringify([program, ...args]).slice(0, MOST_SAID)}`;

/**
 * One that is gone already is as wished.
 * @param {number} group
 */
function endGroup(group) {
  try {
    process.kill(-group, 'SIGKILL');
  } catch (cause) {
    if (!['ESRCH', 'EPERM'].includes(/** @type {NodeJS.ErrnoException} */ (cause).code ?? '')) throw cause;
  }
}
