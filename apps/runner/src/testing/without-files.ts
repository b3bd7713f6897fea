/** A program for tests: does what starts programs while this process has no file descriptor left, then with some again, and says what came of each. A bug would end it. */
import { closeSync, openSync } from 'node:fs';
import { startAcpAgent } from '../agents/acp.ts';
import { runGate } from '../gates/run-gate.ts';
import { brokeOff } from '../repository-effects.ts';
import { OWN } from '../system/cell.ts';
import { runProgram } from '../system/program.ts';

const environment = { PATH: '/usr/bin:/bin', HOME: '/nonexistent' };
const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  async gate() {
    const told = await runGate({ command: 'true', cwd: '/', cell: OWN, environment, timeoutMs: 5_000, redact: (text) => text });
    return told.exitCode;
  },
  async agent() {
    const started = await startAcpAgent({
      program: 'true',
      args: [],
      cwd: '/',
      cell: OWN,
      environment,
      name: 'kilo',
      log: () => undefined,
    });
    return started.ok ? 'started' : started.failure;
  },
  async git() {
    const { exitCode, says } = await runProgram({ program: 'true', args: [], cwd: '/', env: environment, timeoutMs: 5_000 });
    return exitCode ?? says;
  },
};
const tryAll = async (): Promise<Record<string, unknown>> => {
  const told: Record<string, unknown> = {};
  for (const [name, way] of Object.entries(ways)) told[name] = await way().catch((error: unknown) => brokeOff('merge.test', error));
  return told;
};

function holdAll(): number[] {
  const held: number[] = [];
  try {
    for (;;) held.push(openSync('/dev/null', 'r'));
  } catch {
    return held;
  }
}

const held = holdAll();
const without = await tryAll();
held.forEach((descriptor) => closeSync(descriptor));
console.log(JSON.stringify({ without, after: await tryAll() }));
process.exit();
