import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { failure, LIMITS } from '@gastown/protocol';
import type { ImportAnswer } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../project.ts';
import { readKeys } from '../state/keys.ts';
import { openScreen } from '../terminal/screen.ts';
import { answeringTown, value, type Answer, type Asked } from '../testing/answering-town.ts';
import { exportBeads, importBeads, readyBeads, showBead, startBeads } from './beads.ts';
import { listRigs } from './lists.ts';
import { examineTown } from './town-doctor.ts';

let state: string;
let close: () => void;
let said: string;
let asked: Asked[];
let answers: (path: string) => Answer;
const screen = openScreen({ write: (text) => (said += text) }, { write: () => undefined });

beforeEach(async () => {
  said = '';
  ({ state, asked, close } = await answeringTown((url) => answers(url)));
});
afterEach(() => close());

const counts = {
  lines: 3,
  created: 1,
  updated: 0,
  unchanged: 0,
  older: 0,
  skipped: 0,
  bad: 1,
  edges: 0,
  untakenEdges: 1,
  untakenLines: 1,
  staged: 1,
  foreign: 2,
  withoutPriority: 3,
  quarantined: 1,
  knownBad: 0,
  unkeptBad: 0,
  mended: 0,
  keptBad: 4,
};
const ANSWER: ImportAnswer = {
  importId: 'im-0123abcd',
  rigId: 'rig-1a2b3c4d' as ImportAnswer['rigId'],
  dryRun: false,
  counts,
  lines: [
    {
      line: 1,
      id: 'bd-1',
      verdict: 'created',
      field: null,
      why: null,
      untaken: [{ dependsOn: 'bd-9', type: 'blocks', why: 'bd-9 is not here' }],
    },
    { line: 3, id: null, verdict: 'bad', field: 'title', why: 'is empty: write one.', untaken: [] },
  ],
  more: 0,
};
const bare = aBead({ id: 'bd-1', title: 'first', kind: 'bug', priority: 'high', createdBy: 'Ada' });
const file = (text: string): string => {
  const name = path.join(state, 'beads.jsonl');
  writeFileSync(name, text);
  return name;
};

describe('gastown beads (issue, Build 6)', () => {
  it('import sends the file with the host key to the town by its name, and says each line that is not simply taken', async () => {
    answers = () => value(ANSWER);
    const done = await importBeads(file('{"title":"x"}\n'), { state, town: 'My town', rig: 'api' }, screen);
    expect(done).toEqual({ ok: true, value: null });
    const keys = readKeys(path.join(state, 'keys.json'));
    expect(asked).toEqual([
      { url: '/host/towns/My%20town/import?rig=api&all=1', key: keys.ok ? keys.value?.hostKey : '', body: '{"title":"x"}\n' },
    ]);
    expect(said.split('\n')).toEqual([
      '  line 3: bad: title is empty: write one.',
      '  line 1 bd-1: without blocks bd-9: bd-9 is not here',
      '1 created, 0 updated, 0 unchanged, 0 older, 0 skipped, 1 bad; 0 dependencies taken, 1 not.',
      '3 of them name no priority: critical (0), as bd import reads it; "priority":2 in the line makes it medium.',
      '2 of them are at work or blocked in the other tool, or in a state that only it knows: held until you start each by hand.',
      "1 bad line of this file is kept (1 new), 4 of all imports: ./gastown beads bad-lines --town 'My town'",
      "1 bead waits for you to start it: on the page of the rig, or ./gastown beads start --town 'My town' --rig api",
      '',
    ]);
  });

  it('a dry run asks for one and says that nothing was written; --json prints the answer alone', async () => {
    answers = () => value({ ...ANSWER, counts: { ...ANSWER.counts, mended: 2 }, dryRun: true, importId: null });
    await importBeads(file('{}'), { state, town: 't', rig: 'r', dryRun: true }, screen);
    expect(asked[0]?.url).toBe('/host/towns/t/import?rig=r&all=1&dry_run=1');
    expect(said).toContain('2 bad lines kept before would go, mended.');
    expect(said).toContain('Nothing was written');
    said = '';
    await importBeads(file('{}'), { state, town: 't', rig: 'r', start: true, json: true }, screen);
    expect(asked[1]?.url).toBe('/host/towns/t/import?rig=r&all=1&start=1');
    expect(JSON.parse(said)).toMatchObject({ counts: { ...counts, mended: 2 } });
  });

  it('a look at a very large file asks for the lines that one answer does not hold; of what was done the rest is counted', async () => {
    const [taken, bad] = ANSWER.lines;
    const page = (url: string) => (url.includes('after=1') ? { lines: [bad!], more: 0 } : { lines: [taken!], more: 1 });
    answers = (url) => value({ ...ANSWER, dryRun: url.includes('dry_run'), ...page(url) });
    await importBeads(file('{}'), { state, town: 't', rig: 'r', dryRun: true, json: true }, screen);
    expect(JSON.parse(said)).toMatchObject({ lines: ANSWER.lines, more: 0 });
    expect(asked.map(({ url }) => url.split('?')[1])).toEqual(['rig=r&all=1&dry_run=1', 'rig=r&all=1&dry_run=1&after=1']);
    said = '';
    await importBeads(file('{}'), { state, town: 't', rig: 'r' }, screen);
    expect(said).toContain('  and 1 line more\n');
    expect(asked).toHaveLength(3);
  });

  it('a file that is not there, a town that is not there, and no town at all are told with their code', async () => {
    answers = () => ({
      status: 404,
      body: JSON.stringify({ ok: false, failure: failure('unknown_town', 'There is no town "t".'), next: 'x' }),
    });
    expect(await importBeads('/nowhere/beads.jsonl', { state, town: 't', rig: 'r' }, screen)).toMatchObject({
      failure: { code: 'invalid_input', message: expect.stringContaining('/nowhere/beads.jsonl') as string },
    });
    expect(await importBeads(file('{}'), { state, town: 't', rig: 'r' }, screen)).toMatchObject({ failure: { code: 'unknown_town' } });
    expect(await exportBeads({ state, town: 't' }, screen, new PassThrough())).toMatchObject({ failure: { code: 'unknown_town' } });
    expect(await readyBeads({ state: path.join(state, 'other'), town: 't', limit: 5, sort: 'priority' }, screen)).toMatchObject({
      failure: { code: 'not_running' },
    });
  });

  it.each(['', '\uFEFF\n \r\n'])('a file with nothing in it (%j) is bad input, and nothing is asked', async (empty) => {
    expect(await importBeads(file(empty), { state, town: 't', rig: 'r' }, screen)).toMatchObject({
      failure: { code: 'invalid_input', message: expect.stringContaining('there is nothing in') as string },
    });
    expect([asked, said]).toEqual([[], '']);
  });

  it('a folder, a device that never ends, and a file that is none are told, and a script sees it', async () => {
    answers = () => value({ ...ANSWER, counts: { ...counts, lines: 2, created: 0, bad: 2 } });
    const of = (name: string) => importBeads(name, { state, town: 't', rig: 'r' }, screen);
    expect(await of(state)).toMatchObject({ failure: { code: 'invalid_input', message: `${state} is a folder; name the file in it.` } });
    expect(await of('/dev/zero')).toMatchObject({ failure: { code: 'too_large' } });
    expect(asked).toEqual([]);
    expect(await of(file('no\nbeads'))).toMatchObject({
      failure: { code: 'invalid_input', message: expect.stringContaining('none of its 2 lines') as string },
    });
    expect(asked).toHaveLength(1);
  });

  it('a file of which no line is a bead is told as that, with what a file of beads looks like; a dry run does not advise to do it (I10)', async () => {
    answers = (url) => value({ ...ANSWER, noBeads: true, dryRun: url.includes('dry_run'), counts: { ...counts, lines: 1, bad: 1 } });
    const message = expect.stringMatching(/: Nothing in this file is a bead; .*one bead a line.*"title":/) as string;
    for (const dryRun of [true, false])
      expect(await importBeads(file('{'), { state, town: 't', rig: 'r', dryRun }, screen)).toMatchObject({ failure: { message } });
    expect(said).not.toContain('--dry-run');
  });

  it('a file with more lines than are read is refused as one that is too large is, before anything comes in; blank ones at its end are none', async () => {
    answers = () => value(ANSWER);
    const most = '{"title":"x"}\n'.repeat(LIMITS.importLines.value);
    const of = (text: string) => importBeads(file(text), { state, town: 't', rig: 'r' }, screen);
    expect(await of(`${most}\n{}`)).toMatchObject({
      failure: { code: 'too_large', message: expect.stringContaining('more than 50000 lines; nothing came in') as string },
    });
    expect(asked).toEqual([]);
    expect(await of(`${most}\n \r\n`)).toMatchObject({ ok: true });
    expect(await of(most.trimEnd())).toMatchObject({ ok: true });
  });

  it('counts in words of one and of many', async () => {
    answers = () =>
      value({
        ...ANSWER,
        counts: { ...counts, created: 3, edges: 1, staged: 2, foreign: 1, withoutPriority: 1 },
        lines: [ANSWER.lines[1]],
        more: 1,
      });
    await importBeads(file('{}'), { state, town: 't', rig: 'r' }, screen);
    for (const words of [
      'and 1 line more',
      '; 1 dependency taken,',
      '1 of them names no',
      '1 of them is at work',
      '2 beads wait for you to start them',
    ])
      expect(said).toContain(words);
    answers = () => value({ started: 1 });
    await startBeads({ state, town: 't', rig: 'r' }, screen);
    expect(said).toContain('1 bead started.');
    answers = () => value({ ...ANSWER, counts: { ...counts, lines: 1, created: 0, bad: 1 } });
    const refused = await importBeads(file('{'), { state, town: 't', rig: 'r' }, screen);
    expect(refused).toMatchObject({ failure: { message: expect.stringContaining('its only line cannot be taken') as string } });
  });

  it('show says of a bead that is no work which type it is, and what it is about (DM-1)', async () => {
    const bead = { ...bare, id: 'es-0a1b2c3d', type: 'escalation', title: 'Which colour?' };
    answers = () => value({ bead, why: null, about: { kind: 'bead', id: 'bd-1' } });
    await showBead('es-0a1b2c3d', { state, town: 't' }, screen);
    expect(said).toContain('es-0a1b2c3d · Which colour?');
    expect(said).toMatch(/^open · escalation · /m);
    expect(said).toContain('about bead bd-1');
    said = '';
    answers = () => value({ bead: bare, why: null });
    await showBead('bd-1', { state, town: 't', json: true }, screen);
    expect(JSON.parse(said)).toMatchObject({ bead: { id: 'bd-1' }, about: null });
  });

  const HOSTILE = '\u001b[2J\u001b]0;x\u0007\n✓ line 1\u202e\u200b';
  it('nothing that a file says acts on the terminal, or makes a line of its own', async () => {
    const { untaken } = ANSWER.lines[0]!;
    answers = () =>
      value({
        ...ANSWER,
        lines: [
          {
            line: 1,
            id: HOSTILE,
            verdict: 'created',
            field: null,
            why: null,
            untaken: [{ ...untaken[0], dependsOn: HOSTILE, type: HOSTILE }],
          },
          { line: 2, id: HOSTILE, verdict: 'bad', field: HOSTILE, why: HOSTILE, untaken: [] },
        ],
      });
    await importBeads(file('{}'), { state, town: 't', rig: 'r' }, screen);
    expect(said.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^ {2}line 2 .*: bad: /),
      expect.stringMatching(/^ {2}line 1 .*: without /),
      expect.stringMatching(/^1 created/),
    ]);
    const bead = {
      ...bare,
      title: HOSTILE,
      failure: { code: 'internal', message: HOSTILE },
      dependsOn: [{ id: `external:${HOSTILE}`, type: 'blocks' }],
      body: 'first\u001b[2J\nsecond',
    };
    answers = () => value({ bead, why: `Waits for external:${HOSTILE}` });
    said += '\f';
    await showBead('bd-1', { state, town: 't' }, screen);
    const [imported, shown] = said.split('\f');
    expect(shown?.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'bd-1',
      'open',
      'made',
      'Waits',
      'the',
      'depends',
      '',
      'first',
      'second',
      '',
    ]);
    expect(imported + shown!).not.toMatch(/[[\p{Cc}\p{Cf}]--[\n]]/v);
    said = '';
    await showBead('bd-1', { state, town: 't', json: true }, screen);
    expect(JSON.parse(said)).toMatchObject({ bead: { title: HOSTILE } });
    expect(said).not.toMatch(/\p{Cf}/u);
  });

  it('an export is plain on a terminal, and the same JSON; a pipe gets its bytes', async () => {
    const line = '{"title":"a\u202eb\u009b2J"}\r\n{"id":"ü"}\n';
    answers = () => ({ body: line });
    const [pipe, terminal] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY: true })];
    await exportBeads({ state, town: 't' }, screen, pipe);
    await exportBeads({ state, town: 't' }, screen, terminal);
    expect(String(pipe.read())).toBe(line);
    expect(String(terminal.read())).toBe('{"title":"a\\u202eb\\u009b2J"}\r\n{"id":"ü"}\n');
  });

  it.each(['.', '..'])('%s is the name of no town and of no bead, and asks for nothing else', async (step) => {
    answers = () => value([]);
    expect(await readyBeads({ state, town: step, limit: 5, sort: 'priority' }, screen)).toMatchObject({
      failure: { code: 'unknown_town' },
    });
    expect(await listRigs({ state, town: step }, screen)).toMatchObject({ failure: { code: 'unknown_town' } });
    expect(await showBead(step, { state, town: 't' }, screen)).toMatchObject({ failure: { code: 'unknown_bead' } });
    expect(await examineTown({ state, town: 't', events: step }, screen)).toMatchObject({ failure: { code: 'unknown_bead' } });
    expect(asked).toEqual([]);
  });

  it('what an answer left out is told only when it may have something to say', async () => {
    const [speaking] = ANSWER.lines;
    answers = () => value({ ...ANSWER, lines: [speaking, { ...speaking, line: 2, untaken: [] }], more: 78 });
    await importBeads(file('{}'), { state, town: 't', rig: 'r' }, screen);
    expect(said).not.toContain('78 lines more');
    answers = () => value({ ...ANSWER, lines: [speaking], more: 78 });
    await importBeads(file('{}'), { state, town: 't', rig: 'r' }, screen);
    expect(said).toContain('and 78 lines more');
  });

  it('export gives the bytes of the town and nothing else', async () => {
    answers = () => ({ body: '{"id":"bd-1"}\n{"id":"ü"}\n' });
    const out = new PassThrough();
    expect(await exportBeads({ state, town: 't', rig: 'r', all: true }, screen, out)).toEqual({ ok: true, value: null });
    expect(String(out.read())).toBe('{"id":"bd-1"}\n{"id":"ü"}\n');
    expect(asked[0]?.url).toBe('/host/towns/t/export?rig=r&all=1');
  });

  it('ready says under each bead what keeps it from beginning, and how many are kept (I10)', async () => {
    const bead = { id: 'bd-1', title: 'first', rigId: null, priority: 'high', kind: 'bug', labels: [], createdAt: 1, kept: null };
    const beads = [bead, { ...bead, id: 'bd-2', title: 'second', kept: 'The soft limit of this bead is reached.' }];
    answers = () => value({ beads, total: 2, nothing: null });
    await readyBeads({ state, town: 't', limit: 5, sort: 'priority' }, screen);
    expect(said.split('\n').slice(1)).toEqual([
      'bd-2                 high     bug       second',
      '  kept: The soft limit of this bead is reached.',
      '2 beads are ready, 1 of them kept from beginning, as is said under each.',
      '',
    ]);
    said = '';
    await readyBeads({ state, town: 't', limit: 5, sort: 'priority', json: true }, screen);
    expect(JSON.parse(said)).toEqual({ beads, total: 2, nothing: null });
  });

  it('ready says that the list is cut, of how many, and how to see more (I10)', async () => {
    const bead = { id: 'bd-1', title: 'first', rigId: null, priority: 'high', kind: 'bug', labels: [], createdAt: 1, kept: null };
    const last = async (shown: number, total: number, kept: string | null = null) => {
      const beads = Array.from({ length: shown }, () => ({ ...bead, kept }));
      answers = () => value({ beads, total, nothing: null });
      said = '';
      await readyBeads({ state, town: 't', limit: shown, sort: 'priority' }, screen);
      return said.trimEnd().split('\n').at(-1);
    };
    expect(await last(2, 269)).toBe('These are the first 2 of 269 beads that are ready. --limit N lists more, at most 1000.');
    expect(await last(1, 3, 'The town is paused.')).toBe(
      'These are the first 1 of 3 beads that are ready, 1 of them kept from beginning, as is said under each. --limit N lists more, at most 1000.',
    );
    expect(await last(1000, 1001)).toBe('These are the first 1000 of more than 1000 beads that are ready.');
    expect(await last(2, 2)).toMatch(/^bd-1/);
  });

  it('when nothing is ready it says what is planned and how to start it, and what else is open (I10)', async () => {
    const text = async (nothing: object) => {
      answers = () => value({ beads: [], total: 0, nothing });
      said = '';
      await readyBeads({ state, town: 'My town', limit: 5, sort: 'priority' }, screen);
      return said.trimEnd().split('\n');
    };
    expect(await text({ planned: [{ rig: 'app', beads: 435 }], open: 436 })).toEqual([
      'Nothing is ready before you start it:',
      "  435 beads are planned in app: ./gastown beads start --town 'My town' --rig app",
      '1 bead is open besides, and held, put off or blocked: the board says why of each.',
    ]);
    expect(await text({ planned: [], open: 0 })).toEqual(['Nothing is ready.']);
    expect(await text({ planned: [], open: 2 })).toEqual([
      'Nothing is ready.',
      '2 beads are open, and held, put off or blocked: the board says why of each.',
    ]);
  });

  it('ready lists what may begin, start lets it begin, show refuses with the reason of the town', async () => {
    const bead = { id: 'bd-1', title: 'first', rigId: null, priority: 'high', kind: 'bug', labels: [], createdAt: 1, kept: null };
    answers = (url) => value(url.includes('/ready') ? { beads: [bead], total: 1, nothing: null } : { started: 7 });
    await readyBeads({ state, town: 't', limit: 5, sort: 'oldest' }, screen);
    await startBeads({ state, town: 't', rig: 'r' }, screen);
    expect(said).toBe('bd-1                 high     bug       first\n7 beads started.\n');
    answers = () => value({ started: 0 });
    await startBeads({ state, town: 't', rig: 'api' }, screen);
    expect(said).toContain('Nothing is planned in api.');
    expect(asked.slice(0, 2).map(({ url }) => url)).toEqual(['/host/towns/t/ready?limit=5&sort=oldest', '/host/towns/t/start?rig=r']);
    answers = () => ({
      status: 404,
      body: JSON.stringify({ ok: false, failure: failure('unknown_bead', 'There is no bead x.'), next: 'n' }),
    });
    const refused = await showBead('x', { state, town: "Ann's" }, screen);
    expect(refused).toMatchObject({ failure: { code: 'unknown_bead' } });
    const next = (result: typeof refused) => (result.ok ? '' : result.failure.next);
    const list = String.raw`./gastown beads list --town 'Ann'\''s' --archived with --search WORD`;
    expect(next(refused)).toContain(list);
    expect(next(await showBead('..', { state, town: "Ann's" }, screen))).toContain(list);
    answers = () => ({
      status: 404,
      body: JSON.stringify({ ok: false, failure: failure('unknown_rig', 'There is no rig x.'), next: 'n' }),
    });
    const noRig = await startBeads({ state, town: 'My town', rig: 'x' }, screen);
    expect(next(noRig)).toContain("./gastown rigs --town 'My town', or");
  });
});

describe('the whole command', () => {
  const main = path.join(ROOT, 'apps/cli/src/main.ts');
  /** With the command in `$GASTOWN`. */
  const shell = (script: string): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, GASTOWN: `${process.execPath} ${main}`, STATE: state };
      execFile('bash', ['-c', `set -o pipefail; ${script}`], { env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  const large = `${JSON.stringify({ title: 'x'.repeat(1_000) })}\n`.repeat(2_000);

  it('ends well when whoever reads has seen enough', async () => {
    answers = () => ({ body: large });
    const done = await shell('$GASTOWN beads export --state $STATE --town t | head -n 1');
    expect(done).toEqual({ code: 0, stdout: large.slice(0, large.indexOf('\n') + 1), stderr: '' });
  });

  it('says disk_full when the disk does not take its output, and ends with 1', async () => {
    answers = (url) => (url === '/host/towns' ? value([]) : { body: large });
    for (const command of ['beads export --town t', 'towns', 'status'])
      expect(await shell(`$GASTOWN ${command} --state $STATE > /dev/full`)).toMatchObject({
        code: 1,
        stderr: 'disk_full: There is no space left for the output.\n→ Free some space and start again.\n',
      });
  });

  it('says that an export is not whole when the town breaks off', async () => {
    answers = () => ({ body: large, breaksOff: true });
    const done = await shell('$GASTOWN beads export --state $STATE --town t > /dev/null');
    expect(done).toMatchObject({ code: 1, stderr: expect.stringMatching(/^internal: The town broke off/) as string });
  });
});
