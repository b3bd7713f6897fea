/** What the commands `gastown beads` ask of the Worker, with the host key (design/contracts.md). */
import {
  apiOk,
  ApiRefusal,
  BadLines,
  BeadAnswer,
  BeadsPage,
  DiscardAnswer,
  failure,
  ImportAnswer,
  ok,
  ReadyAnswer,
  refuse,
  RigRow,
  StartAnswer,
} from '@gastown/protocol';
import type { BadLine, BeadId, ImportAnswer as Imported, Result } from '@gastown/protocol';
import { z } from 'zod';
import { refusedFor } from './next-step.ts';

interface ImportWish {
  readonly rig: string;
  readonly dryRun: boolean;
  readonly start: boolean;
}
export interface DiscardWish {
  readonly rig?: string;
  readonly import?: string;
  /** As `3,8`. */
  readonly line?: string;
}
export interface BeadsClient {
  importFile(file: Uint8Array, wish: ImportWish): Promise<Result<Imported>>;
  /** The bytes as they come, until `write` answers false: nobody takes more, and whoever opened the stream hears why. */
  exportTo(write: (part: Uint8Array) => Promise<boolean>, wish: { rig: string | undefined; all: boolean }): Promise<Result<null>>;
  ready(wish: { limit: number; sort: string }): Promise<Result<ReadyAnswer>>;
  bead(id: BeadId): Promise<Result<BeadAnswer>>;
  /** A page of all beads; the question as `BeadsQuery` reads it. */
  list(query: Record<string, string>): Promise<Result<BeadsPage>>;
  rigs(): Promise<Result<RigName[]>>;
  /** All that imports could not take and that is kept, of a rig or of the town. */
  badLines(rig: string | undefined): Promise<Result<BadLine[]>>;
  /** Lets go of them: of a rig, of an import, or of some lines of it; how many went. */
  discard(of: DiscardWish): Promise<Result<number>>;
  /** All that is planned in the rig; how many began. */
  start(rig: string): Promise<Result<number>>;
}

const RigName = RigRow.pick({ id: true, name: true });
type RigName = z.infer<typeof RigName>;

/** A large import is one transaction of the town. */
const ANSWER_MS = 120_000;

export function beadsClient(url: string, hostKey: string, town: string): BeadsClient {
  const ask = (
    path: string,
    query: Record<string, string>,
    body?: Uint8Array,
    signal = AbortSignal.timeout(ANSWER_MS),
  ): Promise<Response> =>
    fetch(new URL(`/host/towns/${encodeURIComponent(town)}/${path}?${new URLSearchParams(query).toString()}`, url), {
      headers: { 'x-host-key': hostKey },
      ...(body && { method: 'POST', body: body as Uint8Array<ArrayBuffer> }),
      signal,
    });
  const read = async <V extends z.ZodType>(request: () => Promise<Response>, value: V): Promise<Result<z.infer<V>>> => {
    const answer = await answerOf(request, value);
    return answer.ok ? answer : refusedFor(town, answer.failure);
  };
  return {
    async importFile(file, { rig, dryRun, start }) {
      const query = { rig, all: '1', ...(dryRun && { dry_run: '1' }), ...(start && { start: '1' }) };
      const first = await read(() => ask('import', query, file), ImportAnswer);
      if (!first.ok || !dryRun) return first;
      // What one answer does not hold; of what was done it cannot be asked again: then it is done.
      const { lines, ...rest } = first.value;
      let { more } = rest;
      while (more > 0) {
        const after = String(lines.at(-1)?.line ?? 0);
        const next = await read(() => ask('import', { ...query, after }, file), ImportAnswer);
        if (!next.ok) return next;
        if (next.value.lines.length === 0) break;
        lines.push(...next.value.lines);
        ({ more } = next.value);
      }
      return ok({ ...rest, lines, more });
    },
    async exportTo(write, { rig, all }) {
      const patience = new AbortController(); // for the first byte: a person reads the others as slowly as they like
      const late = setTimeout(() => patience.abort(), ANSWER_MS);
      const query = { ...(rig !== undefined && { rig }), ...(all && { all: '1' }) };
      const response = await ask('export', query, undefined, patience.signal).catch(() => null);
      clearTimeout(late);
      if (!response) return refuse(failure('not_running', 'The town does not answer.'));
      if (!response.ok) return (await read(async () => response, z.never())) as Result<never>;
      try {
        for await (const part of response.body ?? []) if (!(await write(part as Uint8Array))) break;
        return ok(null);
      } catch (cause) {
        return refuse(failure('internal', `The town broke off (${String(cause)}): what came is not all.`));
      }
    },
    ready: ({ limit, sort }) => read(() => ask('ready', { limit: String(limit), sort }), ReadyAnswer),
    bead: (id) => read(() => ask(`beads/${encodeURIComponent(id)}`, {}), BeadAnswer),
    list: (query) => read(() => ask('beads', query), BeadsPage),
    rigs: () => read(() => ask('rigs', {}), z.array(RigName)),
    async badLines(rig) {
      const lines: BadLine[] = [];
      for (let after: number | null = 0; after !== null;) {
        const query = { ...(rig !== undefined && { rig }), after: String(after) };
        const page: Result<z.infer<typeof BadLines>> = await read(() => ask('bad-lines', query), BadLines);
        if (!page.ok) return page;
        lines.push(...page.value.lines);
        after = page.value.next;
      }
      return ok(lines);
    },
    async discard({ rig, import: importId, line }) {
      const query = { ...(rig && { rig }), ...(importId && { import: importId }), ...(line && { line }) };
      const gone = await read(() => ask('bad-lines/discard', query, new Uint8Array()), DiscardAnswer);
      return gone.ok ? ok(gone.value.discarded) : gone;
    },
    async start(rig) {
      const started = await read(() => ask('start', { rig }, new Uint8Array()), StartAnswer);
      return started.ok ? ok(started.value.started) : started;
    },
  };
}

async function answerOf<V extends z.ZodType>(request: () => Promise<Response>, value: V): Promise<Result<z.infer<V>>> {
  const body: unknown = await request()
    .then((response) => response.json())
    .catch(() => undefined);
  const answer = z.union([apiOk(value), ApiRefusal]).safeParse(body);
  if (!answer.success)
    return refuse(failure('internal', 'The town gave no proper answer. Its logs are in logs/ of the folder that ./gastown status names.'));
  return answer.data.ok ? ok((answer.data as { value: z.infer<V> }).value) : refuse((answer.data as ApiRefusal).failure);
}
