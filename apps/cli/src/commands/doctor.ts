/** Looks at everything that `up` and `demo` need, on this machine and in each state folder that is meant, and says what is wrong, all at once. Changes nothing. */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { failure, nextStep } from '@gastown/protocol';
import type { Failure, FailureCode } from '@gastown/protocol';
import { agentPrograms, type AgentProgram } from '../agents.ts';
import { errnoOf } from '../machine/errno.ts';
import { checkPort } from '../machine/port.ts';
import { VERSION } from '../project.ts';
import { modelOffer, modelText } from '../runtime/environment.ts';
import { damagedDatabases } from '../state/databases.ts';
import { checkVersion, freeBytes, LAYOUT, LEAST_FREE_BYTES } from '../state/folder.ts';
import type { StateFolder } from '../state/folder.ts';
import { checkKeys } from '../state/keys.ts';
import { DEFAULT_PORT, lastPort } from '../state/last-port.ts';
import type { LockRecord } from '../state/lock.ts';
import { isDemo } from '../state/start-command.ts';
import { paint } from '../terminal/paint.ts';
import type { Screen } from '../terminal/screen.ts';
import { pagePortTaken } from './page-port.ts';
import { reach } from './reach.ts';
import { allRunning, foldersMeant, isState } from './which-state.ts';

interface Finding {
  /** The folder that it is about; null: the machine. */
  readonly state: string | null;
  readonly what: string;
  readonly grade: 'good' | 'note' | 'bad';
  readonly text: string;
}

export interface DoctorOptions {
  readonly state?: string;
  /** Absent: of each folder its last one. */
  readonly port?: number;
  readonly json?: boolean;
}

const COMFORTABLE_BYTES = 2 * 1024 * 1024 * 1024;

/** Resolves to the exit code: 1 when something is wrong, or a start that is asked about would fail. */
export async function doctor(options: DoctorOptions, screen: Screen): Promise<number> {
  const places = placesMeant(options.state);
  const machine = (await examineMachine()).map((found) => ({ state: null, ...found }));
  const there = await Promise.all(
    places.map((place) => examinePlace(place, options.port ?? lastPort(place.folder) ?? DEFAULT_PORT, process.env)),
  );
  const findings: Finding[] = [...machine, ...there.flat()];
  const wrong = findings.filter(({ grade }) => grade === 'bad');
  if (options.json) screen.json({ ok: wrong.length === 0, findings });
  else
    screen.say([...machine.map(line), ...places.flatMap((place, at) => ['', heading(place), ...(there[at] ?? []).map(line)])].join('\n'));
  return wrong.length === 0 ? 0 : 1;
}

/** `asked`: a person named it, or there is nothing else; else it stands beside something that runs, and what it lacks is only told. */
interface Place {
  readonly folder: StateFolder;
  readonly lock: LockRecord | null;
  readonly demo: boolean;
  readonly asked: boolean;
}
function placesMeant(given: string | undefined): Place[] {
  const running = allRunning(given).map(({ folder, lock }): Place => ({ folder, lock, demo: lock.demo, asked: true }));
  const known = foldersMeant(given).filter(({ root }) => !running.some(({ folder }) => folder.root === root));
  const resting = known.filter((folder) => given !== undefined || isState(folder));
  const stopped = (folder: StateFolder): Place => ({ folder, lock: null, demo: isDemo(folder), asked: running.length === 0 });
  const all = [...running, ...resting.map(stopped)];
  return all.length > 0 ? all : known.slice(0, 1).map(stopped);
}

async function examineMachine(): Promise<Found[]> {
  const agents = agentPrograms();
  return [
    { what: 'gastown', grade: 'good', text: `version ${VERSION}, state layout ${LAYOUT}` },
    { what: 'node', grade: 'good', text: `${process.version} at ${process.execPath}` },
    await git(),
    ...(agents.ok ? agents.value.map(agentFinding) : [refused('agents', agents.failure)]),
  ];
}

function agentFinding({ label, file, ours }: AgentProgram): Found {
  if (file !== null) return { what: label, grade: 'good', text: file };
  return ours
    ? bad(label, 'agent_unknown', 'its program is not installed; run npm install')
    : { what: label, grade: 'note', text: 'not installed; it is an agent that towns may use when it is' };
}

async function examinePlace(place: Place, port: number, variables: Readonly<Record<string, string | undefined>>): Promise<Finding[]> {
  const { folder, lock } = place;
  const state = folder.root;
  const found: Found[] = [
    ...stateFindings(place),
    disk(state),
    lock === null
      ? { what: 'lock', grade: 'good', text: 'nothing runs on this state folder' }
      : { what: 'lock', grade: 'note', text: `runs at ${lock.url ?? '(starting)'}, process ${lock.pid}` },
    await portFinding(place, port),
    model(place, variables),
  ];
  /** Of what nobody asked about it is told what it lacks, and nothing is wrong for it. */
  const told = (one: Found): Found => (one.grade === 'bad' && !place.asked ? { ...one, grade: 'note' } : one);
  return found.map((one) => ({ state, ...told(one) }));
}

type Found = Omit<Finding, 'state'>;
const bad = (what: string, code: FailureCode, text: string): Found => refused(what, failure(code, text));
const refused = (what: string, told: Failure): Found => ({ what, grade: 'bad', text: `${told.code}: ${told.message} → ${nextStep(told)}` });

const git = (): Promise<Found> =>
  promisify(execFile)('git', ['--version']).then(
    ({ stdout }): Found => ({ what: 'git', grade: 'good', text: stdout.trim() }),
    () => bad('git', 'git_missing', 'git does not run.'),
  );

/** All that a start would refuse. What runs has its databases open, and would say so if one broke. */
function stateFindings({ folder, lock }: Place): Found[] {
  const { root, workers } = folder;
  try {
    accessSync(nearest(root), constants.W_OK);
    if (!existsSync(root)) return [{ what: 'state', grade: 'good', text: `${root} (will be made)` }];
    const [version, keys] = [checkVersion(root), lock?.url ? reach({ folder, lock }) : checkKeys(folder)];
    const damaged = lock === null ? damagedDatabases(workers) : null;
    const found = [
      ...(version.ok ? [] : [refused('state', version.failure)]),
      ...(keys.ok ? [] : [refused('keys', keys.failure)]),
      ...(damaged === null ? [] : [refused('databases', damaged)]),
    ];
    return found.length > 0 ? found : [{ what: 'state', grade: 'good', text: root }];
  } catch (cause) {
    const code = errnoOf(cause);
    if (code === null) throw cause;
    return [bad('state', 'state_unwritable', `${root} cannot be used (${code}).`)];
  }
}

function disk(state: string): Found {
  const free = freeBytes(nearest(state));
  const text = `${(free / 1024 ** 3).toFixed(1)} GB free`;
  if (free < LEAST_FREE_BYTES) return bad('disk', 'disk_full', `${text}.`);
  return { what: 'disk', grade: free < COMFORTABLE_BYTES ? 'note' : 'good', text };
}

/** Of what runs, the port that it has. */
async function portFinding({ folder, lock, demo }: Place, port: number): Promise<Found> {
  if (lock !== null) return { what: 'port', grade: 'good', text: `${lock.port}, held by what runs here` };
  const free = await checkPort(port);
  if (free.ok) return { what: 'port', grade: 'good', text: `${port} is free` };
  return refused('port', pagePortTaken(free.failure, port, folder, demo));
}

/** What a start from this terminal would offer; what runs has what it was started with. */
function model({ demo, lock }: Place, variables: Readonly<Record<string, string | undefined>>): Found {
  if (demo) return { what: 'model', grade: 'good', text: 'scripted: it plays stories over the sample repository' };
  if (lock !== null)
    return {
      what: 'model',
      grade: 'good',
      text: 'the one that it was started with, or that Settings › Models names',
    };
  const offer = modelOffer(variables);
  if (!offer.ok) return bad('model', offer.failure.code, offer.failure.message);
  return { what: 'model', grade: offer.value.defaultModel === null ? 'note' : 'good', text: modelText(offer.value) };
}

const nearest = (file: string): string => (existsSync(file) ? file : nearest(path.dirname(file)));

const SIGNS = { good: paint.green('✓'), note: paint.yellow('!'), bad: paint.red('✗') };
const heading = ({ folder, lock, demo }: Place): string =>
  paint.bold(`${demo ? 'The demo' : 'The town server'} in ${folder.root}${lock === null ? ', which does not run' : ''}`);
const line = ({ what, grade, text }: Found): string => `${SIGNS[grade]} ${what.padEnd(10)} ${text}`;
