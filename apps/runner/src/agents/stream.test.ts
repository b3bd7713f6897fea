import { expect, onTestFinished, test } from 'vitest';
import type { TranscriptItem } from '@gastown/protocol';
import { openFakeTown } from '../testing/fake-town.ts';
import { AGENT, RUN } from '../testing/fixtures.ts';
import { until } from '../testing/until.ts';
import { openAgentStream } from './stream.ts';

const notice = (id: string, text = id): TranscriptItem => ({ id, runId: 'run-1', at: 1, kind: 'notice', code: 'x', text });

async function setUp(log: (event: string) => void = () => undefined) {
  const town = await openFakeTown();
  const stream = openAgentStream({
    url: town.url,
    token: 'runner-secret-token',
    agentId: AGENT,
    runId: RUN,
    log,
    onTerminalWanted: () => undefined,
    redact: (text) => text.replaceAll('hunter22', '****'),
  });
  onTestFinished(async () => {
    stream.close();
    await town.close();
  });
  return { town, stream };
}

test('items put before the socket is open arrive, in order, and are known to be stored', async () => {
  const { town, stream } = await setUp();
  for (const id of ['a', 'b', 'c']) stream.put(notice(id));
  await stream.stored();
  expect([...town.items.keys()]).toEqual(['a', 'b', 'c']);
});

test('no secret leaves in a transcript (GT-7)', async () => {
  const { town, stream } = await setUp();
  stream.put(notice('a', 'the password is hunter22'));
  await stream.stored();
  expect(town.items.get('a')).toMatchObject({ text: 'the password is ****' });
});

test('what was not acknowledged is sent again after a lost connection', async () => {
  const { town, stream } = await setUp();
  stream.put(notice('a'));
  await stream.stored();
  town.dropSockets();
  stream.put(notice('b'));
  stream.put(notice('c'));
  await stream.stored();
  expect([...town.items.keys()]).toEqual(['a', 'b', 'c']);
});

test('names its run, and ends for good when later runs write', async () => {
  const logged: string[] = [];
  const { town } = await setUp((event) => logged.push(event));
  await until('the stream is open', () => town.openStreams().length > 0);
  expect(town.openStreams()).toEqual([`/runner/agents/${AGENT}/stream?run=${RUN}`]);
  town.sayOver();
  await until('the stream is closed by the runner', () => town.openStreams().length === 0);
  expect(logged).not.toContain('socket.closed');
});

test('live text is joined: a hundred pieces are a few frames that fit together', async () => {
  const { town, stream } = await setUp();
  await until('the stream is open', () => town.streams() > 0);
  for (let offset = 0; offset < 100; offset++) stream.live('run-1', { id: 't1', kind: 'assistant', text: 'x', offset }, 1);
  stream.put(notice('end'));
  await stream.stored();
  expect(town.lives.length).toBeLessThanOrEqual(2);
  expect(town.lives.map((frame) => frame.text).join('')).toHaveLength(100);
});
