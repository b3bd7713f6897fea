import { expect, test } from 'vitest';
import {
  FAILURES,
  LIMITS,
  PersonCommand,
  Report,
  RigId,
  TOOLS,
  TOOL_NAMES,
  WaitCode,
  asKept,
  checkoutFolders,
  costIsKnown,
  costOf,
  explainWait,
  failure,
  money,
  parseWorkBranch,
  priceOf,
  shortId,
  toolsFor,
  workBranch,
} from './index.ts';
import type { BeadRow } from './rows/beads.ts';
import type { ConvoyRow } from './rows/convoys.ts';
import { aBead } from './testing.ts';

test('a work branch is made and parsed by one pair of functions (C22, GT-2)', () => {
  expect(workBranch('Toast', 'gt-1a2b3c4d')).toBe('gt/toast/1a2b3c4d');
  expect(parseWorkBranch('gt/toast/1a2b3c4d')).toEqual({ agent: 'toast', bead8: '1a2b3c4d' });
  const foreign = ['bd-wisp-71e0f0', 'bd-wisp-71e0f1', 'bd-a.1', 'bd-a-1', 'BD-a.1', `bd-${'x'.repeat(60)}1`, `bd-${'x'.repeat(60)}2`];
  const branches = foreign.map((id) => workBranch('Toast', id));
  expect(new Set(branches).size).toBe(foreign.length);
  for (const branch of branches) expect(parseWorkBranch(branch), branch).not.toBeNull();
});

test('a hostile agent name or bead id gives a safe ref (GT-2)', () => {
  for (const name of ['../../etc', 'a b', '--upload-pack=x', 'ÿ\n..lock', '', '.'.repeat(300)]) {
    const branch = workBranch(name, 'gt-..~^:?*[\\');
    expect(parseWorkBranch(branch), branch).not.toBeNull();
  }
});

test('a branch that is not ours is not parsed, so it is never deleted (BR-4)', () => {
  for (const branch of ['main', 'gt/', 'gt/toast', 'gt/toast/1a2b/x', 'feature/gt/toast/1a2b', 'gt/Toast/1a2b'])
    expect(parseWorkBranch(branch)).toBeNull();
});

test('the short id is what follows the prefix, eight characters (DM-14)', () => {
  expect(shortId('gt-1a2b3c4d')).toBe('1a2b3c4d');
  expect(shortId('mr-00112233')).toBe('00112233');
});

const person = (command: object) => PersonCommand.safeParse(command);

test.each([
  [{ kind: 'spend.limit', level: 'town', hardMicro: 5 }, 'hardMicro'],
  [{ kind: 'town.configure', budgetMicro: 5 }, 'budgetMicro'],
  [{ kind: 'town.configure', patrols: { silenceWarn: 60_000 } }, 'silenceWarn'],
  [{ kind: 'town.configure', permissions: { wep: 'deny' } }, 'wep'],
  [{ kind: 'town.configure', roleModels: { refinery: null } }, 'refinery'],
  [{ kind: 'town.configure', roleModels: { mayor: { model: null, efort: 'low' } } }, 'efort'],
  [{ kind: 'rig.update', rigId: 'rig-00000001', permissions: { wep: 'deny' } }, 'wep'],
  [{ kind: 'town.pause', now: true }, 'now'],
  [{ kind: 'molecule.attach', beadId: 'gt-1a2b3c4d', title: 'x', steps: [{ title: 'x', need: ['y'] }] }, 'need'],
  [{ kind: 'convoy.create', title: 'x', tasks: [{ rigId: 'rig-00000001', title: 'x', prio: 'low' }] }, 'prio'],
])('a field that no command has is refused by its name, since nobody would hear it: %j', (command, field) => {
  expect(person(command).error?.issues[0]?.message).toContain(field);
});

const configure = (model: object, more: object = {}) =>
  person({
    kind: 'town.configure',
    model: { provider: 'custom', model: 'm', baseUrl: 'http://127.0.0.1:11434/v1', price: null, ...model },
    ...more,
  }).success;

test('a model is taken with an address that can be called, without a password in it', () => {
  expect(configure({})).toBe(true);
  expect(configure({ baseUrl: 'https://example.invalid' })).toBe(true);
  expect(configure({ provider: 'openai', baseUrl: null })).toBe(true);
  for (const baseUrl of [
    'not a url',
    'file:///etc/passwd',
    'http://u:secret@h/v1',
    'http://u@h/v1',
    'https://h/v1?api_key=x',
    'https://h/#x',
    '',
    null,
  ])
    expect(configure({ baseUrl }), String(baseUrl)).toBe(false);
  for (const model of ['', 'a\u0000b', 'a\u001b[31m', '\u200b']) expect(configure({ model }), JSON.stringify(model)).toBe(false);
});

test('a role has a model, an effort or both of its own, and what is wrong with them is said of its field (CF-1)', () => {
  const wrong = (polecat: object | null) =>
    (person({ kind: 'town.configure', roleModels: { polecat } }).error?.issues ?? []).map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    );
  const own = { provider: 'anthropic', model: 'm', price: null };
  for (const fine of [{ model: own }, { model: null, effort: 'default' }, { model: own, effort: 'high' }, null])
    expect(wrong(fine)).toEqual([]);
  expect(wrong({ model: null })).toEqual([expect.stringContaining('roleModels.polecat: sets neither a model nor an effort')]);
  expect(wrong({ model: own, effort: 'max' })).toEqual([expect.stringContaining('roleModels.polecat.effort: ')]);
  expect(wrong({ model: { ...own, model: '' } })).toEqual([expect.stringContaining('roleModels.polecat.model.model: ')]);
  expect(wrong({ model: { ...own, baseUrl: null } })).toEqual([expect.stringContaining('baseUrl')]);
  expect(configure({ effort: 'low' })).toBe(true);
  expect(configure({ effort: 'max' })).toBe(false);
});

test('an agent program is named by a word', () => {
  for (const agentKind of ['kilo', 'claude-code', 'my_agent.2']) expect(configure({}, { agentKind }), agentKind).toBe(true);
  for (const agentKind of ['', 'evil; rm -rf', '../x', 'Kilo CLI', '-x', 'x'.repeat(41)])
    expect(configure({}, { agentKind }), agentKind).toBe(false);
});

test('what nobody can see is no text', () => {
  for (const said of ['\u200b', ' \u200d\u2060 ', '\u3164', '\u2800']) {
    expect(person({ kind: 'town.rename', name: said }).success, JSON.stringify(said)).toBe(false);
    expect(person({ kind: 'mayor.tell', text: said }).success, JSON.stringify(said)).toBe(false);
  }
  for (const said of ['x', '中', '👩‍👩‍👧', '.', 'a\u200db']) expect(person({ kind: 'town.rename', name: said }).success, said).toBe(true);
});

test('what is kept of a failure from outside is bounded and plain', () => {
  const huge = failure('merge_conflict', `\u001b[2J${'m'.repeat(100_000)}`, {
    files: Array.from({ length: 5_000 }, (_, at) => `src/file-${at}`),
  });
  const kept = asKept({ ...huge, next: 'n'.repeat(100_000) });
  expect(JSON.stringify(kept).length).toBeLessThan(10_000);
  expect(kept).toMatchObject({ code: 'merge_conflict', message: expect.stringMatching(/^m+$/) });
  const small = failure('merge_conflict', 'Two changes of a.txt', { files: ['a.txt'] }, 'Look');
  expect(asKept(small)).toEqual(small);
  const reported = Report.parse({ kind: 'run.lost', runId: 'run-000000000001', generation: 1, failure: huge });
  expect(reported).toMatchObject({ failure: asKept(huge) });
});

test('money is told in as many digits as make it true', () => {
  expect([0, 1, 50, 100, 99_999, 100_000, 2_500_000].map(money)).toEqual([
    '$0.00',
    '$0.000001',
    '$0.000050',
    '$0.0001',
    '$0.1000',
    '$0.10',
    '$2.50',
  ]);
});

test('the cost of a call counts four kinds of tokens and rounds up (I9)', () => {
  const price = { input: 3_000_000, output: 15_000_000, cacheRead: 300_000, cacheWrite: 3_750_000 };
  expect(costOf({ inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 10_000, cacheWriteTokens: 200 }, price)).toBe(
    3_000 + 1_500 + 3_000 + 750,
  );
  expect(costOf({ inputTokens: 1, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }, { ...price, input: 1 })).toBe(1);
});

test('a published price gives the four prices; cached tokens are never under-counted where nobody said (I9)', () => {
  expect(priceOf('anthropic', 3, 15)).toEqual({ input: 3_000_000, output: 15_000_000, cacheRead: 300_000, cacheWrite: 3_750_000 });
  expect(priceOf('custom', 0.5, 1.25)).toEqual({ input: 500_000, output: 1_250_000, cacheRead: 500_000, cacheWrite: 500_000 });
  expect(costIsKnown({ provider: 'openrouter', price: null })).toBe(true);
  expect(costIsKnown({ provider: 'openai', price: null })).toBe(false);
});

test('every failure says what it means and what to do (FR-5)', () => {
  for (const [code, kind] of Object.entries(FAILURES)) {
    expect(kind.says, code).toMatch(/^[A-Z].*\.$/);
    expect(kind.next, code).toMatch(/\.$/);
  }
});

test('a failure says that nobody has to act exactly where its step says only that (FR-5)', () => {
  const idle = Object.entries(FAILURES).filter(([, { next }]) =>
    /^(You need do nothing|Nothing to do)( while tries are left)?:|^The next run/.test(next),
  );
  const nobody = Object.entries(FAILURES).filter(([, { acts }]) => acts === 'nobody');
  expect(nobody.map(([code]) => code)).toEqual(idle.map(([code]) => code));
});

test('every limit says its reason', () => {
  for (const [name, limit] of Object.entries(LIMITS)) expect(limit.why.length, name).toBeGreaterThan(10);
});

test('each role sees its own tools only; sling is the Mayor’s, done the polecat’s (TL-1)', () => {
  expect(toolsFor('mayor')).toContain('sling');
  expect(toolsFor('mayor')).not.toContain('done');
  expect(toolsFor('polecat')).toContain('done');
  expect(toolsFor('polecat')).not.toContain('sling');
  for (const name of TOOL_NAMES) expect(TOOLS[name].roles.length, name).toBeGreaterThan(0);
});

test('a command with an unknown kind or an over-long field is refused, white space is trimmed (TL-4)', () => {
  expect(PersonCommand.safeParse({ kind: 'town.explode' }).success).toBe(false);
  expect(PersonCommand.safeParse({ kind: 'town.rename', name: ' '.repeat(5) }).success).toBe(false);
  expect(PersonCommand.parse({ kind: 'town.rename', name: '  Acme ' })).toEqual({ kind: 'town.rename', name: 'Acme' });
});

test('a title or a name with a control character is refused; a body is freed of what only a terminal acts on', () => {
  const create = (title: string, body = '') => PersonCommand.safeParse({ kind: 'bead.create', rigId: 'rig-1a2b3c4d', title, body });
  for (const title of ['a\u0000b', 'a\u001b[31mb', 'a\nb', 'a\ud800', 'x\u2028x', '\u202eelbissop'])
    expect(create(title).success, JSON.stringify(title)).toBe(false);
  expect(create('Grüße 👋 عربى').success).toBe(true);
  expect(create('x', '\u001b[31mred\u001b[0m\r\n\tone\u0000\ud800').data).toMatchObject({ body: 'red\n\tone\ufffd' });
});

test.each([
  ['rig.set_token', 'token', { rigId: 'rig-1a2b3c4d' }],
  ['rig.add', 'token', { name: 'web', gitUrl: 'https://git.example/web' }],
  ['town.set_model_key', 'key', {}],
])('%s takes no %s that is masked: the real one stays (GT-4)', (kind, field, rest) => {
  const given = (value: string) => PersonCommand.safeParse({ kind, ...rest, [field]: value });
  expect(given('****wxyz').error?.issues).toMatchObject([{ path: [field], message: expect.stringContaining('the one that is set stays') }]);
  expect(given('ghp_****wxyz').success).toBe(true);
});

test('a name in commits is one that git takes (GT-11)', () => {
  const named = (gitName: string) => PersonCommand.safeParse({ kind: 'town.configure', gitName }).success;
  for (const name of ['<>', '.,;', 'Ann <ann@example.test>', 'a\nb']) expect(named(name), name).toBe(false);
  expect(named("Zoë O'Neil")).toBe(true);
});

test('every reason to wait has a sentence (I10)', () => {
  const bead = aBead();
  const nothing = { town: undefined, rig: undefined, bead: () => undefined };
  expect(explainWait(bead, nothing)).toBeNull();
  for (const code of WaitCode.options)
    expect(explainWait({ ...bead, wait: { code, ref: 'gt-2', until: 1_000 } }, nothing), code).toMatch(/^[A-Z].*\.$/);
});

test('a wait that names a failure ends with one stop, whoever brings it (I10)', () => {
  const bead = aBead({ wait: { code: 'blocked_by_failed', ref: 'gt-2', until: null } });
  const said = (message: string) =>
    explainWait(bead, {
      town: undefined,
      rig: undefined,
      bead: () => aBead({ id: 'gt-2', title: 'Base', status: 'failed', failure: { code: 'gate_failed', message } }),
    });
  expect(said('The gate failed.')).toBe('Blocked by gt-2 (Base), which failed: The gate failed.');
  expect(said('npm test: exit 1')).toBe('Blocked by gt-2 (Base), which failed: npm test: exit 1.');
  expect(said('Which one?')).toBe('Blocked by gt-2 (Base), which failed: Which one?');
});

test('what is put off tells until when, also where only the row of the bead knows it (I10)', () => {
  const nothing = { town: undefined, rig: undefined, bead: () => undefined };
  const said = (over: object, until: number | null = null) =>
    explainWait(aBead({ wait: { code: 'deferred', ref: null, until }, ...over }), nothing);
  const at = Date.UTC(2030, 0, 2, 9, 30);
  expect(said({ deferUntil: at }, at)).toBe('Put off until 2030-01-02 09:30 UTC.');
  expect(said({ hold: 'deferred', deferUntil: at })).toMatch(/^Put off until 2030-01-02 09:30 UTC; it does not begin by itself then/);
  expect(said({ hold: 'deferred' })).toBe('Put off, with no date to come: start it when you want it done.');
});

test('what is planned tells its date too, and what waits for it that it will not begin by itself (I10; issue, Build 6)', () => {
  const at = Date.UTC(2027, 5, 1);
  const staged = { code: 'staged', ref: null, until: null } as const;
  const planned = aBead({ id: 'gt-2', title: 'Base', hold: 'staged', deferUntil: at, wait: staged });
  const said = (bead: BeadRow, other: BeadRow | undefined, convoy?: 'staged' | 'open') =>
    explainWait(bead, {
      town: undefined,
      rig: undefined,
      bead: () => other,
      convoy: (id) => (convoy ? ({ id, title: 'All of it', status: convoy } as ConvoyRow) : undefined),
    });
  expect(said(planned, undefined)).toBe(
    'Planned, not started: start it when you want it done. Put off until 2027-06-01 00:00 UTC: no sooner than that.',
  );
  expect(said({ ...planned, wait: { ...staged, ref: 'cv-00000001' } }, undefined, 'staged')).toMatch(/Put off until 2027-06-01 00:00 UTC/);
  expect(said(aBead({ hold: 'foreign', deferUntil: at, wait: { code: 'held', ref: null, until: null } }), undefined)).toMatch(/no sooner/);
  expect(said({ ...planned, deferUntil: null }, undefined)).toBe('Planned, not started: start it when you want it done.');

  const waiter = aBead({ id: 'gt-1', wait: { code: 'blocked_by_open', ref: 'gt-2', until: null } });
  const will = 'Waits for gt-2 (Base), which is planned and not started.';
  expect(said(waiter, planned)).toBe(will);
  const inConvoy = aBead({
    id: 'gt-2',
    title: 'Base',
    convoyId: 'cv-00000001',
    wait: { code: 'blocked_by_open', ref: 'gt-3', until: null },
  });
  expect(said(waiter, inConvoy, 'staged')).toBe(will);
  for (const other of [inConvoy, { ...planned, status: 'in_progress' as const }])
    expect(said(waiter, other, 'open')).toBe('Waits for gt-2 (Base), which is not landed yet.');
});

test('the code of each rig has a folder of its own at the desk of the Mayor, whatever the rigs are called (MY-7)', () => {
  const rig = (digit: number, name: string) => ({ id: RigId.parse(`rig-0000000${digit}`), name });
  const rigs = [rig(1, 'web'), rig(2, 'My App'), rig(3, '../..'), rig(4, '.git'), rig(5, 'a/b'), rig(6, 'A b'), rig(7, 'café')];
  expect([...checkoutFolders(rigs).values()]).toEqual([
    'rigs/web',
    'rigs/My-App',
    'rigs/rig-00000003',
    'rigs/git',
    'rigs/a-b-rig-00000005',
    'rigs/A-b-rig-00000006',
    'rigs/café',
  ]);
});
