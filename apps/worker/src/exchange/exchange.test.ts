import { BadLines, BeadAnswer, ImportAnswer, LIMITS, ReadyAnswer } from '@gastown/protocol';
import { describe, expect, it, vi } from 'vitest';
import { ask, command, HOST_KEY, newTown, refusalOf, signIn, signInStranger, valueOf } from '../../test/client.ts';
import { textOf } from './lines.ts';

const LINES = [
  '{"_schema":"beads"}',
  '{"id":"bd-1", "title":"first",  "priority":1,"owner":"ada","comments":[{"author":"wolf","text":"seen on Monday"}]}',
  '{"id":"bd-2","title":"second","dependencies":[{"issue_id":"bd-2","depends_on_id":"bd-1","type":"blocks"}]}',
  '{"id":"bd-3"}',
];
const FILE = LINES.join('\n');
const host = { headers: { 'x-host-key': HOST_KEY } };

async function town() {
  const cookie = await signIn();
  const { id, name } = await newTown(cookie);
  const { rigId } = await valueOf<{ rigId: string }>(
    await command(cookie, id, { kind: 'rig.add', name: 'api', gitUrl: 'https://example.com/api.git' }),
  );
  return { id, name, cookie, rigId };
}
const bring = async (path: string, cookie: string, body: string) =>
  ImportAnswer.parse(await valueOf(await ask(path, { method: 'POST', body, cookie })));

describe('beads come in and go out over the API (issue, Build 6)', () => {
  it('a dry run tells what would be, the import does it, the same again changes nothing, and the export gives the lines back', async () => {
    const { id, cookie, rigId } = await town();
    const path = `/api/towns/${id}/import?rig=${rigId}`;
    const dry = await bring(`${path}&dry_run=1`, cookie, FILE);
    const real = await bring(path, cookie, FILE);
    expect(dry.importId).toBeNull();
    expect({ ...dry, importId: null, dryRun: false }).toEqual({ ...real, importId: null });
    expect(real.counts).toMatchObject({ lines: 4, created: 2, skipped: 1, bad: 1, edges: 1, staged: 2 });
    expect(real.lines.map(({ line, verdict, field }) => [line, verdict, field])).toEqual([
      [1, 'skipped', null],
      [2, 'created', null],
      [3, 'created', null],
      [4, 'bad', 'title'],
    ]);
    expect((await bring(path, cookie, FILE)).counts).toMatchObject({ unchanged: 2, created: 0 });
    const out = await ask(`/api/towns/${id}/export`, { cookie });
    expect(out.headers.get('content-type')).toContain('application/x-ndjson');
    expect(await out.text()).toBe(`${LINES[1]}\n${LINES[2]}\n`);
  });

  it('lists the lines that are asked for: those after a line, of one verdict or with a dependency that was not taken', async () => {
    const { id, cookie, rigId } = await town();
    const path = `/api/towns/${id}/import?rig=${rigId}&dry_run=1`;
    const file = `${FILE}\n{"id":"bd-4","title":"fourth","dependencies":[{"issue_id":"bd-4","depends_on_id":"bd-99","type":"blocks"}]}`;
    const listed = async (wanted: string) => {
      const { lines, more } = await bring(`${path}${wanted}`, cookie, file);
      return [lines.map(({ line }) => line), more];
    };
    expect([await listed('&after=2'), await listed('&only=bad'), await listed('&after=0&only=untaken')]).toEqual([
      [[3, 4, 5], 0],
      [[4], 0],
      [[5], 0],
    ]);
    expect(await refusalOf(await ask(`${path}&only=odd`, { method: 'POST', body: file, cookie }))).toMatchObject({ status: 400 });
  });

  it('only a member may, and what is wrong with the question is named', async () => {
    const { id, cookie, rigId } = await town();
    const stranger = await signInStranger();
    expect(
      (await refusalOf(await ask(`/api/towns/${id}/import?rig=${rigId}`, { method: 'POST', body: FILE, cookie: stranger }))).status,
    ).toBe(404);
    expect((await refusalOf(await ask(`/api/towns/${id}/export`, { cookie: stranger }))).status).toBe(404);
    expect(await refusalOf(await ask(`/api/towns/${id}/import`, { method: 'POST', body: FILE, cookie }))).toMatchObject({
      status: 400,
      failure: { code: 'invalid_input' },
    });
    expect(await refusalOf(await ask(`/api/towns/${id}/import?rig=rig-00000000`, { method: 'POST', body: FILE, cookie }))).toMatchObject({
      status: 404,
      failure: { code: 'unknown_rig' },
    });
    expect((await refusalOf(await ask(`/api/towns/${id}/export?rig=rig-00000000`, { cookie }))).failure.code).toBe('unknown_rig');
    const large = 'x'.repeat(LIMITS.importBytes.value + 1);
    expect((await refusalOf(await ask(`/api/towns/${id}/import?rig=${rigId}`, { method: 'POST', body: large, cookie }))).status).toBe(413);
  });

  it('the launcher does the same with the host key, and names the town by its name', async () => {
    const { id, name, cookie, rigId } = await town();
    const at = `/host/towns/${encodeURIComponent(name)}`;
    const elsewhere = await refusalOf(await ask(`${at}/import?rig=elsewhere`, { ...host, method: 'POST', body: FILE }));
    expect(elsewhere.failure).toMatchObject({ code: 'unknown_rig', message: expect.stringContaining('; there is: ') as string });
    const brought = ImportAnswer.parse(
      await valueOf(await ask(`${at}/import?rig=${rigId}&start=1`, { ...host, method: 'POST', body: FILE })),
    );
    expect(brought.counts).toMatchObject({ created: 2, staged: 0 });
    expect(ReadyAnswer.parse(await valueOf(await ask(`${at}/ready`, host))).beads.map((bead) => bead.id)).toEqual(['bd-1']);
    expect(BeadAnswer.parse(await valueOf(await ask(`/host/towns/${id}/beads/bd-2`, host))).bead).toMatchObject({
      title: 'second',
      wait: { code: 'blocked_by_open', ref: 'bd-1' },
    });
    const told = BeadAnswer.parse(await valueOf(await ask(`/host/towns/${id}/beads/bd-1`, host))).origin;
    expect(told).toMatchObject({ came: { importId: brought.importId }, comments: [{ author: 'wolf', text: 'seen on Monday' }] });
    expect((await refusalOf(await ask(`${at}/beads/bd-9`, host))).failure.code).toBe('unknown_bead');
    expect(BeadAnswer.parse(await valueOf(await ask(`/api/towns/${id}/beads/bd-2`, { cookie }))).bead.title).toBe('second');
    const stranger = await signInStranger();
    expect((await refusalOf(await ask(`/api/towns/${id}/beads/bd-2`, { cookie: stranger }))).status).toBe(404);
    expect((await ask(`${at}/export`, host).then((response) => response.text())).split('\n')).toHaveLength(3);
    const unknown = await refusalOf(await ask('/host/towns/nowhere/ready', host));
    expect(unknown.failure).toMatchObject({ code: 'unknown_town', message: expect.stringContaining(name) as string });
    await newTown(cookie, name);
    expect((await refusalOf(await ask(`${at}/ready`, host))).failure.message).toContain(id);
  });

  it('lines that could not be taken are read by members and the launcher, and let go of', async () => {
    const { id, name, cookie, rigId } = await town();
    const { importId } = await bring(`/api/towns/${id}/import?rig=${rigId}`, cookie, FILE);
    const kept = async (query = '') => BadLines.parse(await valueOf(await ask(`/api/towns/${id}/bad-lines${query}`, { cookie })));
    expect(await kept()).toMatchObject({ lines: [{ importId, rigId, line: 4, id: 'bd-3', field: 'title' }], total: 1, next: null });
    expect(await kept('?rig=rig-00000000')).toEqual({ lines: [], total: 0, next: null });
    expect((await refusalOf(await ask(`/api/towns/${id}/bad-lines?limit=0`, { cookie }))).failure.code).toBe('invalid_input');
    const stranger = await signInStranger();
    expect((await refusalOf(await ask(`/api/towns/${id}/bad-lines`, { cookie: stranger }))).status).toBe(404);
    const at = `/host/towns/${encodeURIComponent(name)}/bad-lines`;
    expect(await valueOf(await ask(`${at}?rig=api`, host))).toEqual(await kept());
    const discard = (query: string) => ask(`${at}/discard?${query}`, { ...host, method: 'POST' });
    expect((await refusalOf(await discard(`import=${importId}&line=2,4`))).failure.code).toBe('unknown_quarantined');
    expect(await valueOf(await discard(`import=${importId}&line=4`))).toEqual({ discarded: 1 });
    expect((await kept()).lines).toEqual([]);
    await bring(`/api/towns/${id}/import?rig=${rigId}`, cookie, FILE);
    expect(await valueOf(await discard('rig=api'))).toEqual({ discarded: 1 });
    await bring(`/api/towns/${id}/import?rig=${rigId}`, cookie, FILE);
    const again = (await kept()).lines[0]?.importId;
    expect(await valueOf(await command(cookie, id, { kind: 'import.discard', importId: again }))).toEqual({ discarded: 1 });
  });

  it('of a large file every line has its verdict in one answer, when all are asked for', async () => {
    const { id, cookie, rigId } = await town();
    const many = Array.from({ length: LIMITS.importVerdicts.value + 78 }, (_, n) => `{"id":"m-${n}","title":"m"}`).join('\n');
    const path = `/api/towns/${id}/import?rig=${rigId}`;
    expect(await bring(`${path}&dry_run=1`, cookie, many)).toMatchObject({ more: 78 });
    const all = await bring(`${path}&all=1`, cookie, many);
    expect([all.lines.length, all.more, all.counts.created]).toEqual([
      LIMITS.importVerdicts.value + 78,
      0,
      LIMITS.importVerdicts.value + 78,
    ]);
  });

  it('millions of lines that are no UTF-8 keep nobody waiting: what is beyond the lines that are read is not decoded line by line', () => {
    const most = LIMITS.importLines.value;
    const bytes = new Uint8Array(LIMITS.importBytes.value).map((_, at) => (at % 2 === 0 ? 0xff : 10));
    const strict = vi.spyOn(TextDecoder.prototype, 'decode');
    const lines = textOf(bytes).split('\n');
    expect(strict.mock.calls.length).toBeLessThan(most + 10);
    strict.mockRestore();
    expect(lines.slice(0, most + 1)).toEqual(Array.from({ length: most + 1 }, () => '\uFFFD'));
  });

  it('a file with more lines than are read is refused whole, also where bytes of it are no UTF-8, and nothing comes in', async () => {
    const { id, cookie, rigId } = await town();
    const blank = '\n'.repeat(LIMITS.importLines.value - 1);
    const bytes = new TextEncoder().encode(`${LINES[1]}\n?${blank}${LINES[2]}`);
    const text = new TextDecoder().decode(bytes);
    const broken = bytes.map((byte) => (byte === 63 ? 0xff : byte));
    for (const body of [text, broken])
      expect(await refusalOf(await ask(`/api/towns/${id}/import?rig=${rigId}`, { method: 'POST', body, cookie }))).toMatchObject({
        status: 413,
        failure: { code: 'too_large', next: expect.stringContaining('Split it') as string },
      });
    expect(await (await ask(`/api/towns/${id}/export`, { cookie })).text()).toBe('');
  });

  it('a line that is no UTF-8 is told and stops no other', async () => {
    const { id, cookie, rigId } = await town();
    const bytes = new Uint8Array([...new TextEncoder().encode(`${LINES[1]}\n`), 0xff, 0xfe, 10, ...new TextEncoder().encode(LINES[2])]);
    expect(textOf(bytes).split('\n')).toEqual([LINES[1], '\uFFFD', LINES[2]]);
    const brought = await bring(`/api/towns/${id}/import?rig=${rigId}`, cookie, textOf(bytes));
    expect(brought.lines[1]).toMatchObject({ verdict: 'bad', why: 'it is not UTF-8 text: save the file as UTF-8' });
    expect(brought.counts.created).toBe(2);
  });
});
