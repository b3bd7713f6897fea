import { expect, test } from 'vitest';
import { OWN } from '../system/cell.ts';
import { startAcpAgent } from './acp.ts';

/** An agent program that is this script. */
const start = (script: string) =>
  startAcpAgent({
    program: '/bin/sh',
    args: ['-c', script],
    cwd: '/',
    cell: OWN,
    environment: { PATH: '/usr/bin:/bin' },
    name: 'mine',
    log: () => undefined,
  });

test.each([
  ['ends at once', 'exit 7', 'The agent process ended (exit code 7).'],
  [
    'ends with a word about why',
    'echo "usage: mine [--acp]" >&2; echo "mine: unknown option --stdio" >&2; exit 2',
    'The agent process ended (exit code 2). It said: mine: unknown option --stdio',
  ],
  [
    'says what is no JSON, and ends',
    'i=0; while [ $i -lt 20000 ]; do echo hello; i=$((i+1)); done; exit 1',
    'The agent process ended (exit code 1).',
  ],
  ['refuses', `read line; echo '{"jsonrpc":"2.0","id":0,"error":{"code":-32000,"message":"Not signed in"}}'; sleep 60`, 'Not signed in'],
])('a program that %s does not start, and is told with what it said last (I10)', async (_what, script, why) => {
  expect(await start(script)).toEqual({ ok: false, failure: { code: 'dispatch_failed', message: `The agent mine did not start: ${why}` } });
});
