import { flushCompileCache } from 'node:module';
import { about, makeLog } from './system/log.ts';
import { makeRedactor } from './system/redact.ts';
import { readOptions } from './options.ts';
import { startRunner } from './runner.ts';
import { within } from './system/within.ts';

/** Exit codes: 0 asked to stop, 1 a bug, 2 wrong options, 3 the town said bye. */
const redactor = makeRedactor();
// Who read the log may be gone, as a launcher that was killed: its lines are lost then, and no work is.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
const plain = makeLog(redactor, (line) => process.stdout.write(`${line}\n`), Date.now);

const options = readOptions(process.env);
if (!options.ok) {
  plain('runner.options', { failure: options.failure });
  process.exit(2);
}
const log = about(plain, { town: options.value.town });

/** How long a runner with a bug takes to end what it started. */
const CUT_MS = 3_000;
let leaving = false;
const broken = (error: unknown): void => {
  log('runner.broken', { reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  if (leaving) return;
  leaving = true;
  const leaveAnyhow = (): never => process.exit(1);
  within(
    CUT_MS,
    runner.then((started) => started.cut()),
  ).then(leaveAnyhow, leaveAnyhow);
};
process.on('uncaughtException', broken);
process.on('unhandledRejection', broken);

let asked = false;
/** Asked once: it lets turns end. Asked again: not any longer. */
const leave = async (): Promise<void> => {
  const started = await runner;
  if (asked) return started.hurry();
  asked = true;
  await started.drain(options.value.drainMs);
  process.exit(0);
};
const runner = startRunner({
  options: options.value,
  redactor,
  log,
  sshAgent: process.env['SSH_AUTH_SOCK'] ?? null,
  onBye: (failure) => {
    log('runner.bye', { failure });
    void runner.then((started) => started.stop()).then(() => process.exit(3), broken);
  },
});
// Where its host gave it a place for that (NODE_COMPILE_CACHE): a runner that is killed writes nothing at its end.
runner.then(() => flushCompileCache(), broken);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void leave().catch(broken));
