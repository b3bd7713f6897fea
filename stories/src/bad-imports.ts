import {
  BadLines,
  ImportAnswer,
  LIMITS,
  type BadLine,
  type FailureCode,
  type ImportedLine,
  type PersonCommand,
  type RigId,
} from '@gastown/protocol';
import type { Client } from './client.ts';
import type { House } from './house.ts';
import { refused, type Refusal } from './refused.ts';
import type { Replica } from './replica.ts';
import type { Telling } from './telling.ts';

interface There {
  readonly client: Client;
  readonly replica: Replica;
  readonly town: string;
  readonly rigId: RigId;
}
const NOBODY = 'rig-00000000' as RigId;
/** What a command may take while somebody brings the worst file there is. */
const PATIENCE_MS = 10_000;

/** Files, limits and times that nobody should send: each is answered, nothing is lost, and the town goes on. */
export async function badImports(telling: Telling, house: House, there: There): Promise<void> {
  await badQuestions(telling, there);
  await strangers(telling, there);
  await badFiles(telling, there);
  await floods(telling, there);
  await badArguments(telling, house, there);
}

async function badQuestions(telling: Telling, { client, replica, town, rigId }: There): Promise<void> {
  const path = `/api/towns/${town}/import?rig=${rigId}`;
  const cases: [string, FailureCode, () => Promise<Refusal>][] = [
    ['a file over the limit', 'too_large', () => client.ask('POST', path, 'x'.repeat(LIMITS.importBytes.value + 1))],
    ['a file into a rig that is not there', 'unknown_rig', () => client.ask('POST', path.replace(rigId, NOBODY), '{"title":"x"}')],
    ['a file into __proto__', 'invalid_input', () => client.ask('POST', path.replace(rigId, '__proto__'), '{"title":"x"}')],
    ['a dry run that is neither yes nor no', 'invalid_input', () => client.ask('POST', `${path}&dry_run=maybe`, '{"title":"x"}')],
    ['the export of a rig that is not there', 'unknown_rig', () => client.ask('GET', `/api/towns/${town}/export?rig=${NOBODY}`)],
    ['a chart of spend over a window that does not exist', 'invalid_input', () => client.ask('GET', `/api/towns/${town}/spend?window=1e9`)],
  ];
  const commands: [string, FailureCode, PersonCommand][] = [
    [
      'a bead put off until after the year 9999',
      'invalid_input',
      { kind: 'bead.create', rigId, title: 'far', deferUntil: Number.MAX_SAFE_INTEGER },
    ],
    ['a limit for a rig that is not there', 'unknown_rig', { kind: 'spend.limit', level: 'rig', id: NOBODY, hardMicros: 1 }],
    ['a limit for nobody', 'invalid_input', { kind: 'spend.limit', level: 'rig', hardMicros: 1 }],
    ['a limit below nothing', 'invalid_input', { kind: 'spend.limit', level: 'town', hardMicros: -1 }],
    ['the archive of a rig that is not there', 'unknown_rig', { kind: 'bead.archive', closedIn: NOBODY }],
    [
      'a convoy whose tasks wait for each other',
      'dependency_cycle',
      {
        kind: 'convoy.create',
        title: 'circle',
        tasks: [
          { rigId, title: 'a', dependsOn: [1] },
          { rigId, title: 'b', dependsOn: [0] },
        ],
      },
    ],
  ];
  for (const [what, code, act] of cases) await refused(telling, replica, what, code, act);
  for (const [what, code, command] of commands) {
    const key = `bad-imports-${what}`.slice(0, 100);
    await refused(telling, replica, what, code, () => client.ask('POST', `/api/towns/${town}/commands`, { key, command }));
  }
}

/** Nobody without a cookie of a member, and no other site, brings anything in or takes anything out. */
async function strangers(telling: Telling, { client, replica, town, rigId }: There): Promise<void> {
  const ask = async (path: string, headers: Record<string, string>, body?: string): Promise<Refusal> =>
    (await (
      await fetch(`${client.base}/api/towns/${town}/${path}`, { headers, ...(body !== undefined && { method: 'POST', body }) })
    ).json()) as Refusal;
  const bring = `import?rig=${rigId}`;
  await refused(telling, replica, 'a file without a cookie', 'not_signed_in', () => ask(bring, { origin: client.base }, '{"title":"x"}'));
  await refused(telling, replica, 'a file from another site', 'wrong_origin', () =>
    ask(bring, { ...client.headers(), origin: 'http://evil.example' }, '{"title":"x"}'),
  );
  for (const path of ['export', 'bad-lines', 'audit', 'spend'])
    await refused(telling, replica, `${path} without a cookie`, 'not_signed_in', () => ask(path, {}));
}

/** A bead that cannot be taken: without one a file is none of beads, and nothing of it is kept. */
const MEANT = '{"id":"meant","title":7}';

/** Lines that are no beads: each has its verdict with a reason, is kept for a person, and of the rows that a page shows only the ledger and the rig's count tell of it. */
async function badFiles(telling: Telling, { client, replica, town, rigId }: There): Promise<void> {
  const mayor = replica.all('agents').find(({ role }) => role === 'mayor')!;
  const files: [string, string][] = [
    ['ids that are names of the language', '{"id":"__proto__","title":"x"}\n{"id":"../../x","title":"x"}'],
    ['the id of an agent of this town', JSON.stringify({ id: mayor.id, title: 'not an agent' })],
    ['a title of a hundred thousand characters', JSON.stringify({ id: 'long', title: 'x'.repeat(100_000) })],
    ['a list nested without end', `${'['.repeat(200_000)}${']'.repeat(200_000)}\n${MEANT}`],
    ['a NUL', `${'\0'.repeat(1_000)}\n${MEANT}`],
    ['times of no calendar', '{"id":"t","title":"x","closed_at":"9999-12-31T23:59:59-23:59"}\n{"id":"u","title":"x","created_at":"NaN"}'],
  ];
  for (const [what, text] of files) {
    const before = await replica.serverRowsWithout(TOLD_OF);
    const lines = await bring(client, town, rigId, text);
    telling.check(`a file of ${what}: each line has a reason (${lines[0]?.why})`, lines.length > 0 && lines.every(isToldBad));
    telling.check('and nothing of it came in', (await replica.serverRowsWithout(TOLD_OF)) === before);
    const kept = await badLines(client, town);
    telling.check(
      'and each line is kept',
      lines.every(({ line, why }) => kept.some((one) => one.line === line && one.why === why)),
    );
    telling.counts['cases'] = (telling.counts['cases'] ?? 0) + 1;
  }
}
/** The ledger tells of lines that are kept, and a rig counts them. */
const TOLD_OF = { events: undefined, rigs: undefined };
async function badLines(client: Client, town: string): Promise<BadLine[]> {
  const answer = await client.ask('GET', `/api/towns/${town}/bad-lines`);
  if (!answer.ok) throw new Error(`reading bad lines: ${answer.failure.message}`);
  return BadLines.parse(answer.value).lines;
}
const isToldBad = ({ verdict, why }: ImportedLine): boolean => verdict === 'bad' && Boolean(why);

async function bring(client: Client, town: string, rigId: RigId, text: string): Promise<ImportedLine[]> {
  const answer = await client.ask('POST', `/api/towns/${town}/import?rig=${rigId}`, text);
  if (!answer.ok) throw new Error(`importing: ${answer.failure.message}`);
  return ImportAnswer.parse(answer.value).lines;
}

/** As large as a file may be, and made to be slow to read: whoever says something meanwhile is heard. */
async function floods(telling: Telling, { client, replica, town, rigId }: There): Promise<void> {
  const most = LIMITS.importBytes.value;
  const files: [string, Uint8Array<ArrayBuffer>][] = [
    ['millions of empty lines', new Uint8Array(most).fill(10)],
    ['millions of lines that are no UTF-8', new Uint8Array(most).map((_, at) => (at % 2 === 0 ? 0xff : 10))],
  ];
  for (const [what, body] of files) {
    const before = await replica.serverRows();
    const headers = client.headers();
    const brought = fetch(`${client.base}/api/towns/${town}/import?rig=${rigId}`, { method: 'POST', headers, body });
    const began = performance.now();
    await client.command(town, { kind: 'town.pause' });
    const waited = performance.now() - began;
    const { status } = await brought;
    // A file of more lines than one import takes is refused whole.
    telling.check(`${what} are answered (${status})`, status === 200 || status === 413);
    telling.check(`a command meanwhile took ${Math.round(waited)} ms`, waited < PATIENCE_MS);
    telling.check('and nothing came in', (await replica.serverRows()) === before);
    telling.counts['cases'] = (telling.counts['cases'] ?? 0) + 1;
  }
}

/** The same at the terminal: a reason, and an exit code that a script sees. */
async function badArguments(telling: Telling, house: House, { town }: There): Promise<void> {
  const calls: [string, RegExp, string[]][] = [
    ['a folder as a file', /is a folder/, ['beads', 'import', house.folder, '--town', town, '--rig', 'parser']],
    ['a device that never ends', /too_large/, ['beads', 'import', '/dev/zero', '--town', town, '--rig', 'parser']],
    ['a file that is not there', /there is no/, ['beads', 'import', '/nowhere.jsonl', '--town', town, '--rig', 'parser']],
    ['a town without a name', /must not be empty/, ['doctor', '--town', '']],
    ['a town that is not there', /unknown_town/, ['doctor', '--town', '../../etc']],
  ];
  for (const [what, says, args] of calls) {
    const { code, said } = await house.gastown(...args);
    telling.check(`at the terminal, ${what} → ${said.trim().split('\n')[0]}`, code === 1 && says.test(said));
    telling.counts['cases'] = (telling.counts['cases'] ?? 0) + 1;
  }
}
