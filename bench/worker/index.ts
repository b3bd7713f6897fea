import { DurableObject } from 'cloudflare:workers';
import type { Envelope } from '@gastown/town';
import { CASES } from '../src/cases/index.ts';
import type { CoreDO } from './core.ts';

export { CoreDO } from './core.ts';
export { AgentDO, TownContainerDO, TownDO } from '@gastown/worker';

/** The least that an object can durably do: one row an RPC. The baseline of `commands`. */
export class BareDO extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS rows(id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER, title TEXT)').toArray();
  }

  insert(title: string): number {
    return Number(this.ctx.storage.sql.exec('INSERT INTO rows(at, title) VALUES(?, ?) RETURNING id', Date.now(), title).one()['id']);
  }
}

interface Env {
  TOWN: DurableObjectNamespace;
  BARE: DurableObjectNamespace<BareDO>;
  CORE: DurableObjectNamespace<CoreDO>;
}
type TownStub = { create(envelope: Envelope): Promise<unknown>; command(envelope: Envelope): Promise<unknown> };
type Value = { ok: boolean; value?: { rigId?: string; beadId?: string }; failure?: { code: string; message: string } };

const IN_FLIGHT = 16;

/** `count` calls with a bounded number in flight; per-call milliseconds as this isolate's clock saw them. */
async function drive(count: number, call: (index: number) => Promise<unknown>): Promise<{ ms: number; each: number[] }> {
  const each: number[] = [];
  let next = 0;
  const began = Date.now();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (let index = next++; index < count; index = next++) {
        const at = Date.now();
        await call(index);
        each.push(Date.now() - at);
      }
    }),
  );
  return { ms: Date.now() - began, each };
}

/** A third each: create a bead, edit one, move one. The town is paused: this measures its commands, not its agents. */
async function mixed(env: Env, count: number): Promise<{ ms: number; each: number[] }> {
  const stub = env.TOWN.get(env.TOWN.newUniqueId()) as unknown as TownStub; // typed RPC stubs of recursive JSON types are too deep for the compiler
  const actor: Envelope['actor'] = { kind: 'person', id: 'bench', name: 'Bench' };
  const must = async (answer: Promise<unknown>): Promise<NonNullable<Value['value']>> => {
    const { ok, value, failure } = (await answer) as Value;
    if (!ok) throw new Error(`${failure?.code}: ${failure?.message}`);
    return value ?? {};
  };
  const person = (command: Extract<Envelope['command'], { kind: 'person' }>['command'], key: string) =>
    must(stub.command({ key, actor, command: { kind: 'person', command, secret: null } }));
  await must(
    stub.create({
      key: null,
      actor,
      command: {
        kind: 'town.create',
        id: 'bench0000000',
        name: 'Bench',
        epoch: 'e',
        gitName: 'B',
        gitEmail: 'b@example.test',
        model: null,
        modelKeyHint: null,
        scripted: true,
        agentKind: 'kilo',
      },
    }),
  );
  await person({ kind: 'town.pause' }, 'pause-the-town');
  const { rigId } = await person({ kind: 'rig.add', name: 'rig', gitUrl: '/tmp/nowhere.git' }, 'add-the-rig');
  const beads: string[] = [];
  return drive(count, async (index) => {
    const old = beads[Math.floor(index / 3) % Math.max(1, beads.length)];
    if (index % 3 === 0 || !old)
      beads.push((await person({ kind: 'bead.create', rigId: rigId as never, title: `Bead ${index}` }, `create-${index}`)).beadId!);
    else if (index % 3 === 1)
      await person({ kind: 'bead.update', beadId: old as never, priority: index % 2 ? 'high' : 'low' }, `update-${index}`);
    else
      await person(
        { kind: 'bead.add_dependency', beadId: beads.at(-1) as never, dependsOn: beads[0] as never, type: 'related' },
        `depend-${index}`,
      ).catch(() => person({ kind: 'bead.update', beadId: old as never, body: `text ${index}` }, `body-${index}`));
  });
}

/** One after the other: each case fills a store of its own. */
async function counted(env: Env, name: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const place of (CASES[name] ?? []).keys()) found.push(await env.CORE.get(env.CORE.newUniqueId()).count(name, place));
  return found;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === '/core') return Response.json(await counted(env, url.searchParams.get('name') ?? ''));
    if (url.pathname === '/insert') return Response.json(await env.BARE.get(env.BARE.idFromName('one')).insert('Step'));
    const count = Number(url.searchParams.get('n'));
    if (url.pathname === '/town') return Response.json(await mixed(env, count));
    const bare = env.BARE.get(env.BARE.newUniqueId());
    return Response.json(await drive(count, (index) => bare.insert(`Bead ${index}`)));
  },
};
