import { afterEach, describe, expect, it, vi } from 'vitest';
import { CommandRequest, CreateTown } from '@gastown/protocol';
import { intend, sameTown, sameWish, send, sendTown } from './send.ts';

const asked: CommandRequest[] = [];
function answers(...statuses: (number | 'lost')[]) {
  asked.length = 0;
  vi.stubGlobal('fetch', async (_path: string, init: RequestInit) => {
    asked.push(CommandRequest.parse(JSON.parse(String(init.body))));
    const status = statuses.shift() ?? 200;
    if (status === 'lost') throw new TypeError('network');
    if (status === 409)
      return Response.json({ ok: false, failure: { code: 'illegal_transition', message: 'no' }, next: 'look' }, { status });
    if (status === 503) return Response.json({ ok: false, failure: { code: 'overloaded', message: 'busy' }, next: 'later' }, { status });
    return Response.json({ ok: true, value: 1 });
  });
}
const now = async () => {};
afterEach(() => vi.unstubAllGlobals());

describe('sending a command (TL-3)', () => {
  it('keeps one key over the tries of one intent', async () => {
    answers('lost', 503, 200);
    expect(await send('t', intend({ kind: 'town.pause' }), now)).toEqual({ ok: true, value: 1 });
    expect(asked).toHaveLength(3);
    expect(new Set(asked.map((request) => request.key)).size).toBe(1);
  });

  it('does not ask again after a refusal', async () => {
    answers(409);
    expect(await send('t', intend({ kind: 'town.pause' }), now)).toMatchObject({ ok: false, unanswered: false, next: 'look' });
    expect(asked).toHaveLength(1);
  });

  it('gives up after three tries and says that nobody answered', async () => {
    answers('lost', 'lost', 'lost', 200);
    expect(await send('t', intend({ kind: 'town.pause' }), now)).toMatchObject({ ok: false, unanswered: true });
    expect(asked).toHaveLength(3);
  });

  it('takes the same key for the same wish and a new one for another', () => {
    const first = intend({ kind: 'mayor.tell', text: 'a' });
    expect(sameWish(first, { kind: 'mayor.tell', text: 'a' }).key).toBe(first.key);
    expect(sameWish(first, { kind: 'mayor.tell', text: 'b' }).key).not.toBe(first.key);
    expect(intend({ kind: 'town.pause' }).key).not.toBe(intend({ kind: 'town.pause' }).key);
  });
});

describe('creating a town (TL-3)', () => {
  it('keeps one key over the tries of one wish, and over the person’s next try with the same name', async () => {
    const wishes: CreateTown[] = [];
    const made = { id: 'k3v9q0t2m4xa', name: 'acme', createdAt: 1 };
    vi.stubGlobal('fetch', async (_path: string, init: RequestInit) => {
      wishes.push(CreateTown.parse(JSON.parse(String(init.body))));
      if (wishes.length < 5) throw new TypeError('network');
      return Response.json({ ok: true, value: made });
    });
    const first = sameTown(null, 'acme');
    expect(await sendTown(first, now)).toMatchObject({ ok: false, unanswered: true });
    expect(await sendTown(sameTown(first, 'acme'), now)).toEqual({ ok: true, value: made });
    expect(wishes).toHaveLength(5);
    expect(new Set(wishes.map(({ key }) => key)).size).toBe(1);
    expect(sameTown(first, 'other').key).not.toBe(first.key);
  });
});
