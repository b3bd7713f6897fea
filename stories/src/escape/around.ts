import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TownInfo } from '@gastown/protocol';
import type { Client } from '../client.ts';
import { git, type House } from '../house.ts';
import type { Replica } from '../replica.ts';
import { foreignToMain, type Judgement } from './judge.ts';

const LEFT_BEHIND = 'gastown-left-behind';
const OWN = 'own';

export interface Before extends Judgement {
  /** What the file of keys held. */
  readonly keys: string;
  /** The commits of main. */
  readonly main: readonly string[];
  readonly planted: string;
  readonly suid: string;
}

interface Facts {
  readonly client: Client;
  readonly town: TownInfo['id'];
  readonly replica: Replica;
}

/** What the attempts may have left: each line is something that should not be there. */
export async function lookAround(house: House, { client, town, replica }: Facts, before: Before): Promise<string[]> {
  const wrong: string[] = [];
  const began = Date.now();
  await client.command(town, { kind: 'mayor.tell', text: 'What is going on in this town?' });
  if (Date.now() - began > 2_000) wrong.push('flood: the town takes more than two seconds for a message');
  await replica.until('every run is over', () => replica.all('runs').every((run) => run.beadId === null || run.state === 'ended'), 200_000);
  const desk = await mayorsCode(house, town);
  if (desk === null) wrong.push('desk: the code of the rig is not at the Mayor’s desk');
  else if (isAnyIn(before.secrets, contentOf(desk))) wrong.push('symlink-out: a secret is at the Mayor’s desk');
  wrong.push(...whoRan(before.planted));
  const landed = replica
    .all('merges')
    .flatMap(({ phase, mergeCommit }) => (phase === 'landed' && mergeCommit !== null ? [mergeCommit] : []));
  const main = (await git(house.bare(OWN), 'rev-list', 'main')).split('\n');
  wrong.push(...foreignToMain(main, [...before.main, ...landed]));
  const branches = await branchesLeft(house);
  if (branches.length > 0) wrong.push(`forge: left behind ${branches.join(', ')}`);
  if (pidsNamed(LEFT_BEHIND) > 0) wrong.push('leave-a-process: it is still there');
  const worktrees = readdirSync(path.join(house.state, 'towns', town, 'worktrees'));
  if (worktrees.length > 0) wrong.push(`unremovable: ${worktrees.length} worktrees are left`);
  if (readText(path.join(house.state, 'keys.json')) !== before.keys) wrong.push('temporary-files: the file of keys was written');
  wrong.push(...found(house.folder, ['-name', 'file-name-ran']).map((file) => `file-names: a name was run: ${file}`));
  const withBits = found(house.folder, ['-type', 'f', '-perm', '/6000', '-uid', '0']).filter((file) => file !== before.suid);
  wrong.push(...withBits.map((file) => `setuid: root’s now, with its bits: ${file}`));
  const told = house.model.requests().map(({ conversation }) => JSON.stringify(conversation));
  for (const agent of replica.all('agents')) told.push(JSON.stringify(await client.transcript(town, agent.id)));
  for (const merge of replica.all('merges')) told.push(JSON.stringify(merge.gates));
  const leaked = before.secrets.find((secret) => told.some((text) => text.includes(secret)));
  if (leaked !== undefined) wrong.push(`an agent, a model or a person was told a secret (${leaked.slice(0, 8)}…)`);
  const doctor = await house.gastown('doctor', '--town', town);
  if (doctor.code !== 0) wrong.push(`doctor: ${doctor.said.slice(-500)}`);
  return wrong;
}

/** As root, or at all where nothing should run. */
function whoRan(file: string): string[] {
  const lines = readText(file).split('\n');
  const wrong: string[] = [];
  if (lines.includes('0')) wrong.push('planted: a planted program ran as root');
  if (lines.includes('branch')) wrong.push('branch-names: the name of a branch was run by a shell');
  if (lines.includes('plugin ran')) wrong.push('agent-settings: a plugin or server of the repository ran inside the agent');
  return wrong;
}

/** The Mayor's turn brings the code to its desk: null when it did not come. */
async function mayorsCode(house: House, town: string): Promise<string | null> {
  for (let tries = 0; tries < DESK_TRIES; tries += 1) {
    const [desk] = found(path.join(house.state, 'towns', town, 'desks'), ['-maxdepth', '3', '-path', `*/rigs/${OWN}`]);
    if (desk !== undefined) return desk;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return null;
}
const DESK_TRIES = 120;

/** Of plain files: what a link leads to is not at the desk. */
const contentOf = (folder: string): string =>
  found(folder, ['-type', 'f'])
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');

const isAnyIn = (secrets: readonly string[], text: string): boolean => secrets.some((secret) => text.includes(secret));

const found = (folder: string, wish: readonly string[]): string[] =>
  spawnSync('find', [folder, ...wish, '-print0'], { encoding: 'utf8', maxBuffer: 67_108_864 })
    .stdout.split('\0')
    .filter(Boolean);

/** Branches of runs at the forge; they are deleted soon after the landing. */
async function branchesLeft(house: House): Promise<string[]> {
  for (let tries = 0; ; tries += 1) {
    const refs = (await git(house.bare(OWN), 'for-each-ref', '--format=%(refname)')).split('\n');
    const left = refs.filter((ref) => ref !== 'refs/heads/main' && ref !== '');
    if (left.length === 0 || tries === BRANCH_TRIES) return left;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
const BRANCH_TRIES = 60;

const pidsNamed = (name: string): number =>
  readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && readText(`/proc/${pid}/cmdline`).includes(name)).length;

/** Nothing, when it is not there or ended meanwhile. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && ['ENOENT', 'ESRCH'].includes(String(cause.code))) return '';
    throw cause;
  }
}

/** What agents made in the machine's shared folder; their uids are nobody else's. */
export const tmpLinks = (): string[] =>
  readdirSync('/tmp')
    .filter((name) => /^(?:gastown|gate|unborn|runner|escape-hooks)-\d{9,}$/.test(name))
    .map((name) => path.join('/tmp', name));
