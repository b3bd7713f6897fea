/** `node launch.ts '<json>'`: `up` with another Worker, in a process of its own that a test may kill. Says one line of JSON when it serves. */
import { up } from '../commands/up.ts';
import { openScreen } from '../terminal/screen.ts';

const { worker, runner, state, port, demo = false, json = true } = JSON.parse(process.argv[2] ?? '{}');
const ended = await up({ state, port, open: 'no', json, demo }, openScreen(), { worker, runner });
if (!ended.ok) console.log(JSON.stringify(ended));
process.exitCode = ended.ok ? 0 : 1;
