import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BeadId, RigId, TownInfo } from '@gastown/protocol';
import { createBareRepo, rehearsalAgentRow, seedRepo } from '@gastown/rehearsal';
import type { Client } from '../client.ts';
import { closed, runsOf } from '../errands.ts';
import { git, GIT_TOKEN, House, MODEL_KEY } from '../house.ts';
import type { Replica } from '../replica.ts';
import { LIB, type Case } from './case.ts';
import { GATES } from './gates.ts';
import { SHELL_CASES } from './table.ts';
import { TOOLS } from './tools.ts';

export interface Seen {
  readonly tried: number;
  readonly held: number;
  readonly skipped: readonly string[];
  readonly findings: readonly string[];
  readonly isolation: 'users' | 'none';
}

const OWN = 'own';
const OTHER = 'other';
const CANARY = 'OTHER-RIG-CANARY-5d1f';
const PRIVATE = 'PRIVATE-FILE-CANARY-77ac';
const PLANTED = '/tmp/escape-planted';
const LEFT_BEHIND = 'gastown-left-behind';

/** Every case, tried by an agent of a real town; then the town is looked at from outside. */
export interface Wish {
  readonly agent: string;
  /** Of the cases in a shell only these; null: all. */
  readonly only: readonly string[] | null;
}

export async function tryAll(wish: Wish, say: (line: string) => void): Promise<Seen> {
  rmSync(PLANTED, { force: true });
  const house = await House.open({
    repos: [OWN, OTHER],
    createRepo: (bare) => createRepo(bare),
    environment: (folder) => {
      writeFileSync(path.join(folder, 'private.txt'), PRIVATE, { mode: 0o600 });
      const agents = path.join(folder, 'agents.json');
      writeFileSync(agents, JSON.stringify([rehearsalAgentRow()]));
      return { GASTOWN_AGENTS_FILE: agents };
    },
  });
  try {
    return await tryIn(house, wish, say);
  } catch (cause) {
    console.error(house.logs());
    throw cause;
  } finally {
    await house.close();
    rmSync(PLANTED, { force: true });
  }
}

async function createRepo(bare: string): Promise<void> {
  const own = bare.endsWith(`${OWN}.git`);
  await createBareRepo(bare);
  const scripts = own ? [...SHELL_CASES, ...GATES] : [];
  await seedRepo(
    bare,
    [
      { path: 'README.md', content: own ? '# Own\n' : `# Other\n${CANARY}\n` },
      { path: 'judged.txt', content: 'right\n' },
      { path: 'attacks/lib.sh', content: LIB },
      {
        path: 'attacks/one.sh',
        content: 'set +e\n. ./attacks/facts.sh\n. ./attacks/lib.sh\necho "BEGIN $1"\n. "./attacks/$1.sh"\necho "END $1"\n',
      },
      {
        path: 'attacks/gates.sh',
        content: GATES.map(({ id, needsUsers }) => `${needsUsers ? '[ "$(id -u)" = 0 ] || ' : ''}sh attacks/one.sh ${id} 2>&1`).join('\n'),
      },
      ...scripts.map(({ id, script }) => ({ path: `attacks/${id}.sh`, content: `${script}\n` })),
    ],
    'Begin',
  );
}

interface Facts {
  readonly client: Client;
  readonly town: TownInfo['id'];
  readonly replica: Replica;
  readonly rig: RigId;
}

async function tryIn(house: House, { agent, only }: Wish, say: (line: string) => void): Promise<Seen> {
  const client = await house.signIn();
  const { id: neighbour } = await client.createTown('Neighbour');
  const { id: town } = await client.createTown('Escape');
  await client.command(town, { kind: 'town.configure', agentKind: agent });
  const replica = client.watch(town);
  const other = await addRig(house, client, town, OTHER, []);
  const rig = await addRig(house, client, town, OWN, ['sh attacks/gates.sh', 'grep -qx right judged.txt']);
  for (const id of [rig, other]) await replica.until('the rig is connected', () => replica.get('rigs', id)?.state === 'ready', 90_000);
  const facts = factsFile({
    STATE: house.state,
    PORT: house.port,
    FORGE: house.git.repoUrl(`acme/${OWN}`),
    RIG: rig,
    OTHER: other,
    TOWN: town,
    NEIGHBOUR: neighbour,
  });
  await seedRepo(house.bare(OWN), [{ path: 'attacks/facts.sh', content: facts }], 'Facts');
  await client.command(town, { kind: 'rig.reconnect', rigId: rig });
  const around: Facts = { client, town, replica, rig };
  // Without users of their own, agents could do what these cases try, to this machine: then they are not told to.
  const isolation = isolationOf(house);
  const chosen = SHELL_CASES.filter(({ id, needsUsers }) => (only?.includes(id) ?? true) && (!needsUsers || isolation === 'users'));
  const outputs = new Map<string, string>();
  for (const [index, group] of groupsOf(chosen, 14).entries()) {
    say(`${group.map(({ id }) => id).join(' ')}`);
    const found = await perform(
      around,
      `Round ${index + 1}`,
      group.map(({ id }) => ({ id, tool: 'bash', args: { command: `sh attacks/one.sh ${id} 2>&1 | tail -c 4000`, description: id } })),
      index,
    );
    for (const [id, output] of found) outputs.set(id, output);
  }
  say('tools');
  const dirty = { id: 'dirty', tool: 'bash', args: { command: 'echo dirty > dirty.txt', description: 'dirty' } };
  const clean = { id: 'clean', tool: 'bash', args: { command: 'rm -f dirty.txt', description: 'clean' } };
  for (const [id, output] of await perform(around, 'Tools', [dirty, ...TOOLS.map(({ id, tool, args }) => ({ id, tool, args })), clean], 99))
    outputs.set(id, output);
  const gateOutput = replica
    .all('merges')
    .flatMap((merge) => merge.gates.map((gate) => gate.output))
    .join('\n');
  for (const { id } of GATES) outputs.set(id, between(gateOutput, id));

  const findings: string[] = [];
  const skipped: string[] = [];
  let held = 0;
  const secrets = [MODEL_KEY, GIT_TOKEN, house.runnerToken(), CANARY, PRIVATE];
  for (const one of [...SHELL_CASES.filter(({ id }) => only?.includes(id) ?? true), ...GATES]) {
    if (one.needsUsers && isolation === 'none') {
      skipped.push(one.id);
      continue;
    }
    const wrong = judge(one, outputs.get(one.id), secrets);
    if (wrong === null) held += 1;
    else findings.push(wrong);
  }
  for (const { id, refused } of TOOLS) {
    const output = outputs.get(id) ?? '';
    if (refused.test(output) && !/"ok":true/.test(output)) held += 1;
    else findings.push(`${id}: not refused: ${output.slice(0, 300)}`);
  }
  findings.push(...(await lookAround(house, around)));
  replica.close();
  return { tried: held + findings.length, held, skipped, findings, isolation };
}

async function addRig(house: House, client: Client, town: TownInfo['id'], name: string, gates: string[]): Promise<RigId> {
  const added = await client.command(town, {
    kind: 'rig.add',
    name,
    gitUrl: house.git.repoUrl(`acme/${name}`),
    token: GIT_TOKEN,
    gates,
    maxPolecats: 1,
  });
  return (added as { rigId: RigId }).rigId;
}

const factsFile = (facts: Readonly<Record<string, string | number>>): string =>
  Object.entries(facts)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');

function groupsOf<T>(all: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / most) }, (_, at) => all.slice(at * most, (at + 1) * most));
}

interface Act {
  readonly id: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A bead whose agent does these things and then hands in one honest commit; what each gave, by id. The bead must land all the same. */
async function perform(
  { client, town, replica, rig }: Facts,
  title: string,
  acts: readonly Act[],
  mark: number,
): Promise<Map<string, string>> {
  const steps = [
    ...acts.map(({ tool, args }) => ({ tool, args })),
    {
      tool: 'bash',
      args: {
        command: `echo ${mark} > honest-${mark}.txt && git add honest-${mark}.txt && git -c core.hooksPath=/dev/null commit -qm "Honest work" -- honest-${mark}.txt; git log -1 --format=%s`,
        description: 'honest',
      },
    },
    { tool: 'gt_done', args: { summary: 'Did what was asked.' } },
    { text: 'Handed in.' },
  ];
  const created = await client.command(town, {
    kind: 'bead.create',
    rigId: rig,
    title,
    body: `<<<SCRIPT ${JSON.stringify(steps)} SCRIPT>>>`,
  });
  const { beadId } = created as { beadId: BeadId };
  const ended = await closed(replica, beadId, 420_000).catch((cause: unknown) => cause);
  const run = runsOf(replica, beadId).at(ended instanceof Error ? -1 : 0);
  const items = await client.transcript(town, run!.agentId);
  const tools = items.flatMap(({ item }) => (item.kind === 'tool' && item.runId === run!.id ? [item] : []));
  if (ended instanceof Error)
    throw new Error(
      `${ended.message}\n${tools
        .slice(-3)
        .map((item) => `${item.tool}: ${item.output}`)
        .join('\n')}`,
    );
  return new Map(
    acts.map((act, at) => [
      act.id,
      act.tool === 'bash'
        ? (tools.find((item) => JSON.stringify(item.input).includes(`one.sh ${act.id} `))?.output ?? '')
        : (tools.filter((item) => item.tool !== 'prime')[at]?.output ?? ''),
    ]),
  );
}

const between = (text: string, id: string): string => new RegExp(`BEGIN ${id}\\n[\\s\\S]*?END ${id}`).exec(text)?.[0] ?? '';

function judge({ id, made }: Case, output: string | undefined, secrets: readonly string[]): string | null {
  if (output === undefined || !output.includes(`END ${id}`) || made?.test(output) === false)
    return `${id}: was not tried to its end: ${(output ?? 'no output').slice(-300)}`;
  const got = output.split('\n').find((line) => line.startsWith('ESCAPED'));
  if (got !== undefined) return `${id}: ${got}`;
  const leaked = secrets.find((secret) => output.includes(secret));
  return leaked === undefined ? null : `${id}: the output holds a secret (${leaked.slice(0, 8)}…)`;
}

/** What the runner says of itself when it starts. */
function isolationOf(house: House): 'users' | 'none' {
  const logs = path.join(house.state, 'logs');
  const said = readdirSync(logs)
    .filter((name) => name.startsWith('runner-'))
    .map((name) => readFileSync(path.join(logs, name), 'utf8'))
    .join('');
  return /"event":"runner.isolation","isolation":"users"/.test(said) ? 'users' : 'none';
}

/** Nothing, when it is not there or ended meanwhile. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && ['ENOENT', 'ESRCH'].includes(String(cause.code))) return '';
    throw cause;
  }
}

/** What the attempts may have left: each line is something that should not be there. */
async function lookAround(house: House, { client, town, replica }: Facts): Promise<string[]> {
  const wrong: string[] = [];
  const planted = readText(PLANTED).split('\n').filter(Boolean);
  if (planted.some((line) => line === '0')) wrong.push('planted: a planted program ran as root');
  if (planted.includes('plugin ran')) wrong.push('planted: a plugin of the repository ran inside the agent');
  const subjects = (await git(house.bare(OWN), 'log', '--format=%(trailers:key=Merge-Request,valueonly)', 'main'))
    .split('\n')
    .filter(Boolean);
  const landed = replica.all('merges').filter((merge) => merge.phase === 'landed');
  if (new Set(subjects).size !== landed.length) wrong.push(`forge: ${landed.length} landings, ${subjects.length} on main`);
  const branches = await branchesLeft(house);
  if (branches.length > 0) wrong.push(`forge: left behind ${branches.join(', ')}`);
  await replica.until('every run is over', () => replica.all('runs').every((run) => run.beadId === null || run.state === 'ended'), 200_000);
  const left = house.processes().filter(({ command }) => command.includes(LEFT_BEHIND)).length;
  if (left > 0 || pidsNamed(LEFT_BEHIND) > 0) wrong.push('leave-a-process: it is still there');
  const worktrees = readdirSync(path.join(house.state, 'towns', town, 'worktrees'));
  if (worktrees.length > 0) wrong.push(`unremovable: ${worktrees.length} worktrees are left`);
  const doctor = await house.gastown('doctor', '--town', town);
  if (doctor.code !== 0) wrong.push(`doctor: ${doctor.said.slice(-500)}`);
  const began = Date.now();
  await client.command(town, { kind: 'mayor.tell', text: 'What is going on in this town?' });
  if (Date.now() - began > 2_000) wrong.push('flood: the town takes more than two seconds for a message');
  return wrong;
}

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
