import { evictDurableObject, listDurableObjectIds, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { LIMITS, type StoredItem } from '@gastown/protocol';
import { describe, expect, it, vi } from 'vitest';
import { clientOf, type Client } from '../../test/sockets.ts';
import { randomHex } from '../secrets/bytes.ts';
import type { AgentDO } from './object.ts';

/** A page's session that goes on. */
const PAGE = `&session=hash&until=${Number.MAX_SAFE_INTEGER}`;
const agent = () => env.AGENT.get(env.AGENT.idFromName(`town/${randomHex(4)}`));
type Agent = ReturnType<typeof agent>;
const connect = async (to: Agent, role: 'runner' | 'browser', run = ''): Promise<Client> =>
  clientOf(await to.fetch(new Request(`https://object/?role=${role}&run=${run}${PAGE}`, { headers: { upgrade: 'websocket' } })));
const item = (id: string, text = id) => ({ id, runId: 'run-1', at: 1, kind: 'assistant' as const, text });
const live = (offset: number, text: string) => ({ t: 'live', id: 'open', runId: 'run-1', kind: 'assistant', offset, text, at: 1 });
const evict = (of: Agent) => evictDurableObject(of as unknown as DurableObjectStub);
const idsIn = (frame: unknown): string[] => (frame as { items: StoredItem[] }).items.map((stored) => stored.item.id);

async function written(count: number): Promise<{ agent: Agent; runner: Client }> {
  const to = agent();
  const runner = await connect(to, 'runner');
  for (let seq = 1; seq <= count; seq++) runner.send({ t: 'item', seq, item: item(`i${seq}`) });
  if (count) await runner.until((frame) => frame.t === 'ack' && frame.seq === count);
  return { agent: to, runner };
}

async function watching(of: Agent, rev = 0, limit = 50): Promise<Client> {
  const browser = await connect(of, 'browser');
  browser.send({ t: 'watch', rev, limit });
  await browser.until((frame) => frame.t === 'items');
  return browser;
}

describe('an agent’s stream', () => {
  it('gives a watcher the newest items and says that there are older ones', async () => {
    const { agent: of } = await written(10);
    const browser = await watching(of, 0, 3);
    expect(browser.frames[0]).toMatchObject({ t: 'items', rev: 10, more: true });
    expect(idsIn(browser.frames[0])).toEqual(['i8', 'i9', 'i10']);
    expect((await of.items(8, 4)).map(({ pos }) => pos)).toEqual([4, 5, 6, 7]);
  });

  it('gives a returning watcher what was written since its revision, and one with a revision from elsewhere the newest items', async () => {
    const { agent: of, runner } = await written(4);
    runner.send({ t: 'item', seq: 5, item: item('i2', 'changed') });
    await runner.until(({ seq }) => seq === 5);
    const back = await watching(of, 3);
    expect((back.frames[0] as unknown as { items: StoredItem[] }).items).toMatchObject([
      { pos: 4, rev: 4 },
      { pos: 2, rev: 5, item: { text: 'changed' } },
    ]);
    expect(idsIn((await watching(of, 99)).frames[0])).toHaveLength(4);
    expect((await watching(of, 5)).frames[0]).toMatchObject({ rev: 5, items: [] });
  });

  it('writes the same item once: a resend is acknowledged and changes nothing (I18)', async () => {
    const { agent: of, runner } = await written(2);
    const browser = await watching(of);
    runner.send({ t: 'item', seq: 3, item: item('i2') });
    await runner.until(({ seq }) => seq === 3);
    runner.send({ t: 'item', seq: 4, item: item('i3') });
    await browser.until((frame) => frame.t === 'items' && idsIn(frame).includes('i3'));
    expect(browser.frames.slice(1).flatMap(idsIn)).toEqual(['i3']);
    expect((await of.items(null, 50)).map(({ rev }) => rev)).toEqual([1, 2, 3]);
  });

  it('passes an open item on, whole to who comes late, and drops it when it settles', async () => {
    const { agent: of, runner } = await written(0);
    const early = await watching(of);
    runner.send(live(0, 'Hel'));
    runner.send(live(3, 'lo'));
    await early.until((frame) => frame.t === 'live' && frame.offset === 3);
    const late = await watching(of);
    expect(await late.until((frame) => frame.t === 'live')).toMatchObject({ offset: 0, text: 'Hello' });
    runner.send({ t: 'item', seq: 1, item: item('open', 'Hello') });
    await early.until((frame) => frame.t === 'items' && idsIn(frame).includes('open'));
    expect((await watching(of)).frames.map(({ t }) => t)).toEqual(['items']);
  });

  it('keeps sockets and transcript through sleep; a gap in an open item is sent anew', async () => {
    const { agent: of, runner } = await written(1);
    const browser = await watching(of);
    runner.send(live(0, 'before '));
    await browser.until((frame) => frame.t === 'live');
    await evict(of);
    runner.send(live(7, 'after'));
    expect(await browser.until((frame) => frame.t === 'live' && String(frame.text).includes('after'))).toMatchObject({
      offset: 0,
      text: '… after',
    });
    runner.send({ t: 'item', seq: 2, item: item('i2') });
    await browser.until((frame) => frame.t === 'items' && idsIn(frame).includes('i2'));
    expect(await of.items(null, 10)).toHaveLength(2);
  });

  it('answers ping without waking, and sends nothing to a socket that has not said what it wants', async () => {
    const { agent: of, runner } = await written(0);
    const silent = await connect(of, 'browser');
    silent.send('ping');
    await silent.until(({ t }) => t === 'pong');
    runner.send({ t: 'item', seq: 1, item: item('i1') });
    await runner.until(({ seq }) => seq === 1);
    expect(silent.frames.map(({ t }) => t)).toEqual(['pong']);
  });

  it.each([
    ['no JSON', '{', /^invalid_json/],
    ['an unknown frame', { t: 'drop' }, /^invalid_input/],
    ['a wrong field', { t: 'item', seq: 0, item: item('x') }, /^invalid_input: seq/],
    ['too much', { t: 'item', seq: 1, item: item('x', 'y'.repeat(1_100_000)) }, /^too_large|^$/],
  ])('closes a socket that sends %s, and stores nothing', async (_name, frame, reason) => {
    const { agent: of, runner } = await written(0);
    runner.send(frame);
    const closed = await runner.untilClosed();
    expect(closed.reason).toMatch(reason);
    expect([1008, 1009]).toContain(closed.code);
    expect(await of.items(null, 10)).toEqual([]);
  });

  it('a newer runner connection replaces the older', async () => {
    const { agent: of, runner } = await written(1);
    const newer = await connect(of, 'runner');
    expect(await runner.untilClosed()).toMatchObject({ code: 1000 });
    newer.send({ t: 'item', seq: 1, item: item('i2') });
    await newer.until(({ seq }) => seq === 1);
  });

  it('two runs of one agent write side by side, neither sends the other away, and the open text of the one that leaves goes with it', async () => {
    const of = agent();
    const ending = await connect(of, 'runner', 'run-1');
    const next = await connect(of, 'runner', 'run-2');
    const again = await connect(of, 'runner', 'run-1');
    expect(await ending.untilClosed()).toMatchObject({ code: 1000, reason: 'replaced by a newer connection' });
    const browser = await watching(of);
    again.send(live(0, 'the last words'));
    await browser.until((frame) => frame.t === 'live');
    again.send({ t: 'item', seq: 1, item: item('end of run 1') });
    next.send({ t: 'item', seq: 1, item: { ...item('begin of run 2'), runId: 'run-2' } });
    await Promise.all([again, next].map((each) => each.until(({ seq }) => seq === 1)));
    expect((await of.items(null, 10)).map(({ item: { id } }) => id).toSorted()).toEqual(['begin of run 2', 'end of run 1']);
    again.socket.close();
    await vi.waitUntil(async () => (await watching(of)).frames.every(({ t }) => t === 'items'));
    next.send({ t: 'item', seq: 2, item: { ...item('more of run 2'), runId: 'run-2' } });
    await next.until(({ seq }) => seq === 2);
  });

  it('a terminal is asked of the run that came last, also when an earlier one comes back', async () => {
    const of = agent();
    const older = await connect(of, 'runner', 'run-1');
    const newer = await connect(of, 'runner', 'run-2');
    const back = await connect(of, 'runner', 'run-1');
    const page = clientOf(
      await of.fetch(new Request(`https://object/?role=viewer&kind=shell${PAGE}`, { headers: { upgrade: 'websocket' } })),
    );
    page.send({ t: 'open', client: 'c1', cols: 80, rows: 24, have: null });
    expect(await newer.until(({ t }) => t === 'terminal.open')).toMatchObject({ kind: 'shell' });
    back.send({ t: 'item', seq: 1, item: item('i1') });
    await back.until(({ seq }) => seq === 1);
    expect([...older.frames, ...back.frames].map(({ t }) => t)).toEqual(['ack']);
  });

  it('a run that was cut off until it was over came before the one that is there: it is stored, and is asked for nothing', async () => {
    const of = agent();
    const current = await connect(of, 'runner', 'run-2');
    const late = await connect(of, 'runner', 'run-1&over=1');
    const page = clientOf(
      await of.fetch(new Request(`https://object/?role=viewer&kind=shell${PAGE}`, { headers: { upgrade: 'websocket' } })),
    );
    page.send({ t: 'open', client: 'c1', cols: 80, rows: 24, have: null });
    expect(await current.until(({ t }) => t === 'terminal.open')).toMatchObject({ kind: 'shell' });
    late.send({ t: 'item', seq: 1, item: item('i1') });
    await late.until(({ seq }) => seq === 1);
    expect(late.frames.map(({ t }) => t)).toEqual(['ack']);
    expect((await connect(of, 'runner', 'run-3')).frames).toEqual([]);
    await late.until(({ t }) => t === 'over');
  });

  it('with a third run the first ends for good, whenever it comes', async () => {
    const of = agent();
    const first = await connect(of, 'runner', 'run-1');
    await connect(of, 'runner', 'run-2');
    await connect(of, 'runner', 'run-3');
    await first.until(({ t }) => t === 'over');
    expect(await first.untilClosed()).toMatchObject({ code: 1000, reason: 'later runs write' });
    const late = await connect(of, 'runner', 'run-1');
    await late.until(({ t }) => t === 'over');
    await late.untilClosed();
  });

  it('gives a returning watcher who missed too much the newest items anew, and each socket one watch', async () => {
    const { agent: of, runner } = await written(1);
    const many = Math.ceil(LIMITS.backfillBytes.value / 200_000) + 1;
    for (let seq = 2; seq <= many; seq++) runner.send({ t: 'item', seq, item: item(`i${seq}`, 'x'.repeat(200_000)) });
    await runner.until((frame) => frame.t === 'ack' && frame.seq === many);
    const back = await watching(of, 1, 3);
    expect(back.frames.map(({ t, rev, anew, more }) => ({ t, rev, anew, more }))).toEqual([
      { t: 'items', rev: many, anew: true, more: true },
    ]);
    expect(idsIn(back.frames[0])).toEqual([`i${many - 2}`, `i${many - 1}`, `i${many}`]);
    const soon = await watching(of, many - 2, 3);
    expect(soon.frames.flatMap(idsIn)).toEqual([`i${many - 1}`, `i${many}`]);
    expect(soon.frames[0]).not.toHaveProperty('anew');
    soon.send({ t: 'watch', rev: 0, limit: 3 });
    expect((await soon.untilClosed()).reason).toMatch(/^invalid_input: watch was said/);
  });

  it.each([
    ['an item', 'runner', { t: 'item', seq: 9, item: item('late') }],
    [
      'a terminal’s last screen',
      'terminal',
      { t: 'ended', last: { reason: 'exited', at: 1, exitCode: 0, screen: 'secret', cols: 80, rows: 24 } },
    ],
  ] as const)('%s that was on its way when the town was deleted makes nothing anew (I14, DL-1)', async (_name, role, frame) => {
    const { agent: of } = await written(1);
    await clientOf(await of.fetch(new Request(`https://object/?role=${role}&kind=shell${PAGE}`, { headers: { upgrade: 'websocket' } })));
    await runInDurableObject(of as unknown as DurableObjectStub<AgentDO>, async (object, state) => {
      const sockets = state.getWebSockets();
      await object.destroy();
      for (const socket of sockets) await object.webSocketMessage(socket, JSON.stringify(frame));
      expect([...state.storage.kv.list()].map(([key]) => key)).toEqual(['destroyed']);
    });
    expect(await tablesOf(of)).toEqual([]);
  });

  it('leaves no trace when nothing was ever written, and none after its end (DL-1)', async () => {
    const asked = agent();
    await watching(asked);
    expect(await tablesOf(asked)).toEqual([]);
    const { agent: of } = await written(3);
    expect(await tablesOf(of)).toContain('items');
    const browser = await watching(of);
    await of.destroy();
    expect((await browser.untilClosed()).reason).toMatch(/^town_deleted/);
    expect(await tablesOf(of)).toEqual([]);
    expect(await of.items(null, 10)).toEqual([]);
    expect((await listDurableObjectIds(env.AGENT as unknown as DurableObjectNamespace)).length).toBeGreaterThan(0);
  });
});

const tablesOf = (of: Agent): Promise<string[]> =>
  runInDurableObject(of as unknown as DurableObjectStub, (_object, { storage }) =>
    storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .toArray()
      .map(({ name }) => name),
  );
