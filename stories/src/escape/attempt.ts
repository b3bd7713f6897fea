import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BeadId, RigId, TownInfo } from '@gastown/protocol';
import { createBareRepo, rehearsalAgentRow, seedRepo } from '@gastown/rehearsal';
import { lookAround, readText, tmpLinks } from './around.ts';
import type { Client } from '../client.ts';
import { closed, runsOf } from '../errands.ts';
import { git, GIT_TOKEN, House, MODEL_KEY } from '../house.ts';
import type { Replica } from '../replica.ts';
import { LIB, type Case } from './case.ts';
import { tokenOfEarlierStart } from './earlier-start.ts';
import { GATES } from './gates.ts';
import { judge, judgeGates, type Judgement } from './judge.ts';
import { PIPES } from './planting.ts';
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

/** Every case, tried by an agent of a real town; then the town is looked at from outside. */
export interface Wish {
  readonly agent: string;
  /** Of the cases in a shell only these; null: all. */
  readonly only: readonly string[] | null;
}

export async function tryAll(wish: Wish, say: (line: string) => void): Promise<Seen> {
  const busy = portsListenedOn();
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
    return await tryIn(house, wish, busy, say);
  } catch (cause) {
    console.error(house.logs());
    throw cause;
  } finally {
    await house.close();
    for (const link of tmpLinks()) rmSync(link, { recursive: true, force: true });
  }
}

async function createRepo(bare: string): Promise<void> {
  const own = bare.endsWith(`${OWN}.git`);
  await createBareRepo(bare);
  const scripts = own ? [...SHELL_CASES, PIPES, ...GATES] : [];
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

async function tryIn(house: House, { agent, only }: Wish, busy: readonly number[], say: (line: string) => void): Promise<Seen> {
  const client = await house.signIn();
  const { id: neighbour } = await client.createTown('Neighbour');
  const { id: town } = await client.createTown('Escape');
  await client.command(town, { kind: 'town.configure', agentKind: agent });
  const replica = client.watch(town);
  const other = await addRig(house, client, town, OTHER, []);
  const rig = await addRig(house, client, town, OWN, ['sh attacks/gates.sh', 'grep -qx right judged.txt']);
  for (const id of [rig, other]) await replica.until('the rig is connected', () => replica.get('rigs', id)?.state === 'ready', 90_000);
  // Without users of their own, agents could do what these cases try, to this machine: then they are not told to.
  const isolation = isolationOf(house);
  const around: Facts = { client, town, replica, rig };
  const EARLIER = await tokenOfEarlierStart(house, around, other);
  const facts = {
    STATE: house.state,
    PORT: house.port,
    FORGE: house.git.repoUrl(`acme/${OWN}`),
    RIG: rig,
    OTHER: other,
    TOWN: town,
    NEIGHBOUR: neighbour,
    RUNNER: processOf(house, /apps\/runner\/src\/main\.ts/),
    SERVER: processOf(house, /workerd/),
    LAUNCHER: house.launcherPid,
    BUSY: busy.join(' '),
    SUID: isolation === 'users' ? makeSuid(house) : '/bin/id',
    PLANTED: makePlanted(house),
    EARLIER,
  };
  await seedRepo(house.bare(OWN), [{ path: 'attacks/facts.sh', content: factsFile(facts) }], 'Facts');
  await client.command(town, { kind: 'rig.reconnect', rigId: rig });
  const before = { keys: readText(path.join(house.state, 'keys.json')), main: await commitsOf(house) };
  const chosen = SHELL_CASES.filter(({ id, needsUsers }) => (only?.includes(id) ?? true) && (!needsUsers || isolation === 'users'));
  const findings = await closedToStrangers(client, chosen, facts);
  const outputs = new Map<string, string>();
  const round = async (title: string, acts: readonly Act[], mark: number): Promise<void> => {
    say(title);
    const done = await perform(around, title, acts, mark);
    for (const [id, output] of done.outputs) outputs.set(id, output);
    if (done.failed !== null) findings.push(done.failed);
  };
  for (const [index, group] of groupsOf(chosen, 14).entries()) {
    say(`${group.map(({ id }) => id).join(' ')}`);
    await round(`Round ${index + 1}`, group.map(tell), index);
  }
  if (only === null || only.includes(PIPES.id)) {
    // The turn's end is met by a git that hangs for its whole time limit; the hand-in waits for it.
    const away = { id: 'pipes-away', tool: 'bash', args: { command: 'rm -rf piped; sleep 70', description: 'away' } };
    await round(
      'Pipes',
      [tell(PIPES), { id: 'pipes-done', tool: 'gt_done', args: { summary: 'Did it.' } }, { id: 'turn', text: 'So far.' }, away],
      98,
    );
    if (!/Refused|error|not_pushed/i.test(outputs.get('pipes-done') ?? '')) findings.push(`pipes: handed in: ${outputs.get('pipes-done')}`);
  }
  const dirty = { id: 'dirty', tool: 'bash', args: { command: 'echo dirty > dirty.txt', description: 'dirty' } };
  const clean = { id: 'clean', tool: 'bash', args: { command: 'rm -f dirty.txt', description: 'clean' } };
  await round('Tools', [dirty, ...TOOLS.map(({ id, tool, args }) => ({ id, tool, args })), clean], 99);
  const tested = replica
    .all('merges')
    .flatMap((merge) => (merge.gates.length > 0 ? [merge.gates.map(({ output }) => output).join('\n')] : []));

  const skipped: string[] = [];
  let held = 0;
  const keys = Object.values(JSON.parse(before.keys) as Record<string, string>);
  const judgement: Judgement = {
    secrets: [MODEL_KEY, GIT_TOKEN, house.runnerToken(), CANARY, PRIVATE, ...keys],
    isThere: (file) => existsSync(file),
  };
  const wanted = only === null ? [...SHELL_CASES, PIPES] : [...SHELL_CASES, PIPES].filter(({ id }) => only.includes(id));
  for (const one of [...wanted, ...GATES]) {
    if (one.needsUsers && isolation === 'none') {
      skipped.push(one.id);
      continue;
    }
    const wrong = GATES.includes(one) ? judgeGates(tested, one, judgement) : judge(one, outputs.get(one.id), judgement);
    if (wrong === null) held += 1;
    else findings.push(wrong);
  }
  for (const { id, refused } of TOOLS) {
    const output = outputs.get(id) ?? '';
    if (refused.test(output) && !/"ok":true/.test(output)) held += 1;
    else findings.push(`${id}: not refused: ${output.slice(0, 300)}`);
  }
  findings.push(...(await lookAround(house, around, { ...judgement, ...before, planted: facts.PLANTED, suid: facts.SUID })));
  replica.close();
  return { tried: held + findings.length, held, skipped, findings, isolation };
}

const tell = ({ id }: Case): Act => ({
  id,
  tool: 'bash',
  args: { command: `sh attacks/one.sh ${id} 2>&1 | tail -c 4000`, description: id },
});

function processOf(house: House, what: RegExp): number {
  const found = house.processes().find(({ command }) => what.test(command));
  if (found === undefined) throw new Error(`no process of the town is ${what}`);
  return found.pid;
}

/** Where what was planted says who it runs as: anyone may write it, and no sticky folder keeps root from a file that another made. */
function makePlanted(house: House): string {
  const file = path.join(house.folder, 'planted');
  writeFileSync(file, '');
  chmodSync(file, 0o666);
  chmodSync(house.folder, 0o711);
  return file;
}

/** Root's copy of `id` that anyone may run as root, if the machine lets them. */
function makeSuid(house: House): string {
  const file = path.join(house.folder, 'suid-id');
  copyFileSync('/usr/bin/id', file);
  chmodSync(file, 0o4755);
  chmodSync(house.folder, 0o711);
  const { stdout } = spawnSync(file, ['-u'], { uid: NOBODY, gid: NOBODY, encoding: 'utf8' });
  if (stdout.trim() !== '0')
    throw new Error(`a setuid program does not run as its owner here (${stdout.trim()}): nothing can be tried with one`);
  return file;
}
const NOBODY = 65_534;

/** A refusal means something only where a person who is signed in is answered. */
async function closedToStrangers(
  client: Client,
  cases: readonly Case[],
  facts: Readonly<Record<string, string | number>>,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const { id, routes = [] } of cases) {
    for (const route of routes) {
      const address = client.base + route.replaceAll(/\$([A-Z]+)/g, (_, name: string) => String(facts[name]));
      const answer = await fetch(address, { headers: client.headers() });
      await answer.arrayBuffer();
      if (answer.status !== 200) wrong.push(`${id}: ${route} gives its own person ${answer.status}: there is nothing to refuse`);
    }
  }
  return wrong;
}

const commitsOf = async (house: House): Promise<string[]> => (await git(house.bare(OWN), 'rev-list', 'main')).split('\n');

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

/** A call of a tool; with a text, the end of a turn. */
type Act = { readonly id: string } & (
  | { readonly tool: string; readonly args: Readonly<Record<string, unknown>> }
  | { readonly text: string }
);

/** A bead whose agent does these things and then hands in one honest commit; what each gave, by id. The bead must land all the same. */
async function perform(
  { client, town, replica, rig }: Facts,
  title: string,
  acts: readonly Act[],
  mark: number,
): Promise<{ outputs: [string, string][]; failed: string | null }> {
  const steps = [
    ...acts.map((act) => ('tool' in act ? { tool: act.tool, args: act.args } : { text: act.text })),
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
  const last = tools.slice(-3).map((item) => `${item.tool}: ${item.output}`);
  const failed = ended instanceof Error ? `${title}: the work did not land: ${[ended.message, ...last].join('\n')}` : null;
  const calls = acts.filter((act) => 'tool' in act);
  const outputs = calls.map((act, at): [string, string] => [
    act.id,
    act.tool === 'bash'
      ? (tools.find((item) => JSON.stringify(item.input).includes(`one.sh ${act.id} `))?.output ?? '')
      : (tools.filter((item) => item.tool !== 'prime')[at]?.output ?? ''),
  ]);
  return { outputs, failed };
}

/** What the runner says of itself when it starts. */
function isolationOf(house: House): 'users' | 'none' {
  const logs = path.join(house.state, 'logs');
  const said = readdirSync(logs)
    .filter((name) => name.startsWith('runner-'))
    .map((name) => readFileSync(path.join(logs, name), 'utf8'))
    .join('');
  return /"event":"runner\.isolation"[^\n]*"isolation":"users"/.test(said) ? 'users' : 'none';
}

const LISTENING = '0A';
const portsListenedOn = (): number[] =>
  ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readText(table)
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === LISTENING)
      .map(([, local = '']) => Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16)),
  );
