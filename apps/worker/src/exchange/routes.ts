import { BadLinesQuery, BeadEventsQuery, BeadsQuery, DiscardQuery, ExportQuery, ImportQuery, LIMITS } from '@gastown/protocol';
import type { RigId } from '@gastown/protocol';
import type { Actor } from '@gastown/town';
import { z } from 'zod';
import { answer, answerResult, refuseWith } from '../edge/answers.ts';
import { parseAs, readBytes } from '../edge/body.ts';
import { townObject } from '../edge/town-life.ts';
import type { Env } from '../env.ts';
import type { TownRpc } from '../town/rpc.ts';
import { textOf } from './lines.ts';

/** Beads JSONL in and out of one town, lists of them, and one bead with its ledger. Who asks was decided before. */
const queryOf = (request: Request): Record<string, string> => Object.fromEntries(new URL(request.url).searchParams);

/** The question of a terminal, which may name the rig by its name. */
export async function rigQuery(request: Request, env: Env, townId: string): Promise<Record<string, string>> {
  const { rig, ...query } = queryOf(request);
  if (rig === undefined) return query;
  const town = townObject(env, townId);
  const id = await town.rigNamed(rig);
  if (id !== null) return { ...query, rig: id };
  const names = (await town.rigNames()).join(', ') || 'none';
  return refuseWith('unknown_rig', `This town has no rig ${JSON.stringify(rig.slice(0, 100))}; there is: ${names}.`);
}

export async function startPlanned(env: Env, townId: string, actor: Actor, query: Record<string, string>): Promise<Response> {
  const { rig: rigId } = parseAs(ImportQuery, query);
  const command = { kind: 'bead.start', rigId } as const;
  return answerResult(await townObject(env, townId).command({ key: null, actor, command: { kind: 'person', command, secret: null } }));
}

export async function importInto(request: Request, env: Env, townId: string, actor: Actor, query = queryOf(request)): Promise<Response> {
  const { rig, dry_run: dryRun, start, after, only, all } = parseAs(ImportQuery, query);
  const lines = after === undefined && only === undefined && !all ? undefined : { after: after ?? 0, only, all };
  const text = textOf(await readBytes(request, LIMITS.importBytes.value));
  const command = { kind: 'beads.import', rigId: rig, text, dryRun, start, lines } as const;
  // No key: the same file again changes nothing by itself.
  return answerResult(await townObject(env, townId).command({ key: null, actor, command: { kind: 'person', command, secret: null } }));
}

export async function badLinesOf(env: Env, townId: string, query: Record<string, string>): Promise<Response> {
  return answer(await townObject(env, townId).badLines(parseAs(BadLinesQuery, query)));
}
/** A terminal names the rig or the import in its question, as with the others. */
export async function discardBadLines(env: Env, townId: string, actor: Actor, query: Record<string, string>): Promise<Response> {
  const { rig: rigId, import: importId, line } = parseAs(DiscardQuery, query);
  const command = { kind: 'import.discard', rigId, importId, lines: line } as const;
  return answerResult(await townObject(env, townId).command({ key: null, actor, command: { kind: 'person', command, secret: null } }));
}

async function requireRig(town: TownRpc, rig: RigId | undefined): Promise<void> {
  if (rig !== undefined && !(await town.hasRig(rig))) refuseWith('unknown_rig', `There is no rig ${rig}.`, { rigId: rig });
}

/** Page by page, as fast as it is read. */
export async function exportFrom(request: Request, env: Env, townId: string, query = queryOf(request)): Promise<Response> {
  const { rig, all } = parseAs(ExportQuery, query);
  const town = townObject(env, townId);
  await requireRig(town, rig);
  const encoder = new TextEncoder();
  let after: string | null = '';
  const body = new ReadableStream({
    async pull(stream) {
      while (after !== null) {
        const page = await town.exportPage({ rigId: rig ?? null, all, after });
        after = page.next;
        if (page.text === '') continue;
        stream.enqueue(encoder.encode(page.text));
        return;
      }
      stream.close();
    },
  });
  return new Response(body, {
    headers: { 'content-type': 'application/x-ndjson; charset=utf-8', 'content-disposition': 'attachment; filename="beads.jsonl"' },
  });
}

const ReadyQuery = z.object({
  limit: z.coerce.number().int().min(1).max(LIMITS.readyBeads.value).default(100),
  sort: z.enum(['priority', 'oldest']).default('priority'),
});
export async function readyOf(request: Request, env: Env, townId: string): Promise<Response> {
  const { limit, sort } = parseAs(ReadyQuery, queryOf(request));
  return answer(await townObject(env, townId).ready(sort === 'oldest' ? 'oldest' : 'newest', limit));
}
export async function beadsOf(request: Request, env: Env, townId: string, asked = queryOf(request)): Promise<Response> {
  const query = parseAs(BeadsQuery, asked);
  const town = townObject(env, townId);
  await requireRig(town, query.rig);
  return answer(await town.beads(query));
}
export async function beadOf(env: Env, townId: string, beadId: string): Promise<Response> {
  return answer((await townObject(env, townId).bead(beadId.slice(0, 100))) ?? noBead(beadId));
}
export async function beadEventsOf(request: Request, env: Env, townId: string, beadId: string): Promise<Response> {
  const query = parseAs(BeadEventsQuery, queryOf(request));
  return answer((await townObject(env, townId).beadEvents(beadId.slice(0, 100), query)) ?? noBead(beadId));
}
const noBead = (beadId: string): never =>
  refuseWith('unknown_bead', `There is no bead ${JSON.stringify(beadId.slice(0, 100))} in this town.`);
