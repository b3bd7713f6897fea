/** `node launch.ts '<json>'`: a launcher in a process of its own that a test may kill. Says one line of JSON when it serves. */
import { openScreen } from '../terminal/screen.ts';
import { startTown } from '../town.ts';

const { worker, state, port, runner, variables = {} } = JSON.parse(process.argv[2] ?? '{}');
const started = await startTown({ worker, state, port, runner, variables, demo: false, screen: openScreen(process.stderr) });
console.log(JSON.stringify(started.ok ? { ok: true, url: started.value.url } : started));
if (started.ok) process.once('SIGTERM', () => void started.value.stop());
