import { createExecutionContext, evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { LIMITS, outputFor, typed } from '@gastown/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AgentDO } from '../src/agent/object.ts';
import { endSession } from '../src/directory/users.ts';
import { serve } from '../src/edge/app.ts';
import { ask, command, newTown, refusalOf, signIn, valueOf } from './client.ts';
import { homeToken, watch } from './runner.ts';
import { clientOf, type Client } from './sockets.ts';
import { putIn, storageOf, stubOf } from './town.ts';

/** What the pages of a session have open, and how it ends with the session (WS-17). */
const SIGNED_OUT = { code: 1008, reason: 'not_signed_in: You are not signed in.' };
const socket = { upgrade: 'websocket' };
const signOut = async (cookie: string) => expect((await ask('/api/session/end', { method: 'POST', body: {}, cookie })).status).toBe(200);
const rename = async (cookie: string, id: string, name: string) => valueOf(await command(cookie, id, { kind: 'town.rename', name }));
const hears = (client: Client, name: string) => client.until((frame) => JSON.stringify(frame).includes(name));
const agentStub = (id: string, agent: string) => env.AGENT.get(env.AGENT.idFromName(`${id}/${agent}`)) as unknown as DurableObjectStub;
const placesKept = async (id: string) =>
  (await env.DB.prepare('SELECT session, agent_id FROM page_sockets WHERE town_id = ?').bind(id).all()).results;
const tokenOf = (cookie: string) => cookie.split('=')[1]!;

/** The three sockets that a page has: the town's, an agent's transcript, its terminal. */
async function pageOf(id: string, cookie: string) {
  const town = await watch(id, cookie);
  const agent = String(putIn(town.frames[0]!, 'agents').find(({ role }) => role === 'mayor')?.['id']);
  const open = async (path: string) => clientOf(await ask(`/api/towns/${id}/agents/${agent}/${path}`, { cookie, headers: socket }));
  const [transcript, terminal] = [await open('live'), await open('terminal?kind=shell')];
  transcript.send({ t: 'watch', rev: 0, limit: 10 });
  await transcript.until(({ t }) => t === 'items');
  terminal.send({ t: 'open', client: 'page', cols: 80, rows: 24, have: null });
  await terminal.until(({ t }) => t === 'none');
  return { agent, town, transcript, terminal, all: [town, transcript, terminal] };
}
const ends = (sockets: readonly Client[]) => Promise.all(sockets.map((each) => each.untilClosed()));
const runnersSide = async (id: string, agent: string, path: string) =>
  clientOf(await ask(`/runner/agents/${agent}/${path}`, { headers: { ...socket, authorization: `Bearer ${await homeToken(id)}` } }));

afterEach(() => void vi.useRealTimers());

describe('signing out (WS-17)', () => {
  it('closes every socket of that session in each of its towns, asleep or not, and none of another session', async () => {
    const [one, other] = [await signIn(), await signIn()];
    const [here, there] = [await newTown(one), await newTown(one)];
    const tabs = [await pageOf(here.id, one), await pageOf(here.id, one), await pageOf(there.id, one)];
    const stays = await pageOf(here.id, other);
    await evictDurableObject(stubOf(here.id));
    await evictDurableObject(agentStub(here.id, stays.agent));
    await signOut(one);
    expect(await ends(tabs.flatMap(({ all }) => all))).toEqual(Array.from({ length: 9 }, () => SIGNED_OUT));
    await rename(other, here.id, 'Still heard');
    await hears(stays.town, 'Still heard');
    const writer = await runnersSide(here.id, stays.agent, 'stream?run=run-1');
    writer.send({ t: 'item', seq: 1, item: { id: 'i1', runId: 'run-1', at: 1, kind: 'assistant', text: 'still read' } });
    await hears(stays.transcript, 'still read');
    stays.terminal.send('ping');
    await stays.terminal.until(({ t }) => t === 'pong');
    expect(stays.all.map((each) => each.closed())).toEqual([null, null, null]);
  });

  it('keeps nothing of where that session was, nor does a deleted town', async () => {
    const [one, other] = [await signIn(), await signIn()];
    const { id, name } = await newTown(one);
    await pageOf(id, one);
    await pageOf(id, other);
    expect(await placesKept(id)).toHaveLength(4);
    await signOut(one);
    expect(await placesKept(id)).toHaveLength(2);
    await ask(`/api/towns/${id}`, { method: 'DELETE', body: { name }, cookie: other });
    expect(await placesKept(id)).toEqual([]);
  });

  it('makes what is still said on such a socket count for nothing, and nothing more is sent there', async () => {
    const cookie = await signIn();
    const { id } = await newTown(cookie);
    const page = await pageOf(id, cookie);
    await runnersSide(id, page.agent, 'stream?run=run-1');
    const pty = await runnersSide(id, page.agent, 'terminal?kind=shell');
    page.terminal.send({ t: 'open', client: 'page', cols: 80, rows: 24, have: null });
    const { viewer } = await pty.until(({ t }) => t === 'join');
    await runInDurableObject(agentStub(id, page.agent) as DurableObjectStub<AgentDO>, async (object, state) => {
      const [held] = state.getWebSockets('viewers');
      await object.endSession((held!.deserializeAttachment() as { session: string }).session);
      // As a page that does not close its side would.
      await object.webSocketMessage(held!, typed({ number: 0, bytes: new TextEncoder().encode('rm -rf .\n') }).buffer);
    });
    await pty.until(({ t }) => t === 'leave');
    pty.send(outputFor([Number(viewer)], { offset: 0, bytes: new TextEncoder().encode('secret') }));
    expect(await page.terminal.untilClosed()).toEqual(SIGNED_OUT);
    expect([pty, page.terminal].flatMap(({ frames }) => frames.filter(({ t }) => t === 'bytes'))).toEqual([]);
  });

  it('while a socket is being opened leaves none', async () => {
    const cookie = await signIn();
    const { id } = await newTown(cookie);
    const TOWN = {
      idFromName: (name: string) => env.TOWN.idFromName(name),
      get(objectId: DurableObjectId) {
        const town = env.TOWN.get(objectId);
        const fetch = async (request: Request) => {
          const opened = await town.fetch(request);
          await endSession(env.DB, tokenOf(cookie));
          return opened;
        };
        return { fetch, endSession: (session: string) => town.endSession(session) };
      },
    };
    const request = new Request(`http://town.test/api/towns/${id}/live`, { headers: { ...socket, cookie } });
    const answer = await serve(request, { ...env, TOWN } as never, createExecutionContext());
    expect(await refusalOf(answer)).toMatchObject({ status: 401, failure: { code: 'not_signed_in' } });
    const states = () => storageOf(id, (state) => state.getWebSockets('browser').map(({ readyState }) => readyState));
    expect(await states()).not.toContain(WebSocket.OPEN);
  });

  it('that was cut off after the session was over is finished by the next sign-in', async () => {
    const cookie = await signIn();
    const page = await pageOf((await newTown(cookie)).id, cookie);
    await endSession(env.DB, tokenOf(cookie));
    expect(page.town.closed()).toBe(null);
    await signIn();
    expect(await ends(page.all)).toEqual([SIGNED_OUT, SIGNED_OUT, SIGNED_OUT]);
  });
});

describe('a session that expires (WS-17)', () => {
  it('has its sockets closed before anything more is sent there or heard from there', async () => {
    const cookie = await signIn();
    const { id } = await newTown(cookie);
    const [told, speaks] = [await pageOf(id, cookie), await pageOf(id, cookie)];
    const writer = await runnersSide(id, told.agent, 'stream?run=run-1');
    await speaks.terminal.until(({ t }) => t === 'again');
    const before = speaks.terminal.frames.length;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + LIMITS.sessionMs.value });
    speaks.terminal.send({ t: 'open', client: 'page', cols: 80, rows: 24, have: null });
    expect(await speaks.terminal.untilClosed()).toEqual(SIGNED_OUT);
    expect(speaks.terminal.frames).toHaveLength(before);
    expect(told.transcript.closed()).toBe(null);
    writer.send({ t: 'item', seq: 1, item: { id: 'i1', runId: 'run-1', at: 1, kind: 'assistant', text: 'too late' } });
    await writer.until(({ t }) => t === 'ack');
    await runInDurableObject(stubOf(id), (object) => object.alarm!());
    expect(await ends([told.transcript, told.town, speaks.town])).toEqual([SIGNED_OUT, SIGNED_OUT, SIGNED_OUT]);
    expect(JSON.stringify(told.transcript.frames)).not.toContain('too late');
  });

  it('does not end the sockets of one that goes on', async () => {
    const cookie = await signIn();
    const { id } = await newTown(cookie);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + LIMITS.sessionMs.value - 60_000 });
    const page = await pageOf(id, await signIn());
    const old = await watch(id, cookie);
    vi.setSystemTime(Date.now() + 60_000);
    await rename(await signIn(), id, 'A new day');
    await hears(page.town, 'A new day');
    expect(await old.untilClosed()).toEqual(SIGNED_OUT);
    expect(JSON.stringify(old.frames)).not.toContain('A new day');
  });
});
