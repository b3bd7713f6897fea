/** `node hold-state.ts '<json>'`: what a launcher writes in its state folder and its home, without what it starts. Says a line when all is written; ends with a signal. */
import { openKeys } from '../state/keys.ts';
import { openStateFolder } from '../state/folder.ts';
import { takeLock } from '../state/lock.ts';
import { enterRegister } from '../state/register.ts';

const { state, demo, port, url } = JSON.parse(process.argv[2] ?? '{}');
const folder = openStateFolder(state, '0.1.0');
if (!folder.ok) throw new Error(folder.failure.message);
const lock = takeLock(folder.value.lock, { version: '1', demo, startedAt: 1, port });
if (!lock.ok) throw new Error(lock.failure.message);
enterRegister(folder.value);
openKeys(folder.value);
lock.value.update({ url });
setInterval(() => undefined, 1_000);
console.log('ready');
