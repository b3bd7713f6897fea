/** `node main.ts --port N`: the scripted model with the stories of this package, until it is told to stop. Prints one JSON line with its address. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { stories } from '../stories/library.ts';
import { startModel } from './server.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, log: { type: 'boolean', default: false } } });
const port = z.coerce.number().int().min(0).max(65_535).safeParse(values.port);
if (!port.success) {
  console.error(`--port wants a number from 0 to 65535, not "${values.port}"`);
  process.exit(2);
}

const model = await startModel({
  port: port.data,
  stories,
  ...(values.log && { log: ({ api, plan, status }) => console.error(JSON.stringify({ api, status, ...plan })) }),
}).catch((cause: unknown): never => {
  if (!(cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')) throw cause;
  console.error(`port ${port.data} is in use: give another one with --port, or 0 for a free one`);
  process.exit(1);
});
console.log(JSON.stringify({ url: model.url, port: model.port, scripted: true }));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void model.close();
  });
}
