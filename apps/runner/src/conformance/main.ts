/**
 * `npm run conformance -- --agent NAME [--program PATH] [--only WORD] [--log FILE] [--json]`: the same stories told to one agent program, through the real runner, against
 * the scripted model. Ends with one JSON line.
 */
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AGENT_KINDS } from '../agents/catalogue.ts';
import type { AgentKind } from '../agents/agent-kind.ts';
import { readAgentsFile } from '../agents/installed.ts';
import { BROKEN_MODEL } from './broken-model.ts';
import { Unable } from './case.ts';
import type { Case } from './case.ts';
import { openHouse } from './house.ts';
import type { House } from './house.ts';
import { agentsFolder, installOnDemand } from './install.ts';
import { RECYCLED, TURNS } from './turns.ts';
import { SUB_AGENT_REACH } from './sub-agent-reach.ts';
import { SUB_AGENT_RIGHTS } from './sub-agent-rights.ts';
import { SUB_AGENTS } from './sub-agents.ts';
import { WORKING } from './working.ts';

interface Told {
  readonly id: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly note: string | null;
  readonly seconds: number;
}

const { values } = parseArgs({
  options: {
    agent: { type: 'string' },
    program: { type: 'string' },
    file: { type: 'string' },
    only: { type: 'string' },
    log: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

function rowOf(): AgentKind {
  const own = values.file === undefined ? { ok: true as const, value: [] } : readAgentsFile(values.file);
  if (!own.ok) return leave(own.failure.message);
  const kinds = [...own.value, ...AGENT_KINDS];
  const found = kinds.find(({ id }) => id === values.agent);
  if (found === undefined) return leave(`--agent wants one of ${kinds.map(({ id }) => id).join(', ')}`);
  return values.program === undefined ? found : { ...found, program: { command: values.program } };
}

function leave(why: string): never {
  console.error(why);
  process.exit(2);
}

const kind = rowOf();
const folder = agentsFolder();
if (values.program === undefined) installOnDemand(kind.id, folder);

const SILENCE_MS = 30_000;
const isolation = process.env['GASTOWN_ISOLATION'];
const environment = {
  GASTOWN_AGENTS_FOLDER: folder,
  GASTOWN_TURN_SILENCE_MS: String(SILENCE_MS),
  ...(isolation !== undefined && { GASTOWN_ISOLATION: isolation }),
};
const began = Date.now();
const told: Told[] = [];
let version: string | null = null;

async function tell(house: House, each: Case): Promise<void> {
  if (values.only !== undefined && !each.id.includes(values.only)) return;
  const at = Date.now();
  const say = (result: Told['result'], note: string | null): void => {
    const one = { id: each.id, result, note, seconds: Math.round((Date.now() - at) / 100) / 10 };
    told.push(one);
    if (!values.json)
      console.log(`${result.padEnd(7)} ${String(one.seconds).padStart(6)} s  ${one.id}${note === null ? '' : `  (${note})`}`);
  };
  try {
    say('passed', await each.tell(house));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(error instanceof Unable ? 'skipped' : 'failed', why.slice(0, 2_000));
  }
  version ??= versionOf(house);
}

function versionOf(house: House): string | null {
  const [first] = house.logged('agent.started');
  return first === undefined ? null : `${String(first['agent'])} ${String(first['version'])}`;
}

async function withHouse(cases: readonly Case[], more: Readonly<Record<string, string>>): Promise<void> {
  if (!cases.some(({ id }) => values.only === undefined || id.includes(values.only))) return;
  const house = await openHouse({ kind, environment: { ...environment, ...more } });
  try {
    for (const each of cases) await tell(house, each);
  } finally {
    const output = await house.close();
    if (values.log !== undefined) appendFileSync(values.log, output);
  }
}

await withHouse([...WORKING, ...SUB_AGENTS, ...SUB_AGENT_REACH, ...SUB_AGENT_RIGHTS, ...TURNS, ...BROKEN_MODEL], {});
await withHouse([RECYCLED], { GASTOWN_AGENT_BYTES: '1', GASTOWN_AGENT_GROWTH: '0' });

const count = (result: Told['result']): number => told.filter((each) => each.result === result).length;
const ok = count('failed') === 0 && count('passed') > 0;
console.log(
  JSON.stringify({
    ok,
    agent: kind.id,
    version,
    passed: count('passed'),
    failed: count('failed'),
    skipped: told.filter(({ result }) => result === 'skipped').map(({ id, note }) => ({ id, reason: note })),
    seconds: Math.round((Date.now() - began) / 1_000),
    cases: told,
  }),
);
process.exit(ok ? 0 : 1);
