import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentId, BeadId, RunId, workBranch } from '@gastown/protocol';
import type { PrimeContext, Report, ToolAnswer, TranscriptItem } from '@gastown/protocol';
import { createBareRepo, scriptText, seedRepo, startModel } from '@gastown/rehearsal';
import type { ModelServer } from '@gastown/rehearsal';
import { apiFor } from '../agents/agent-kind.ts';
import type { AgentKind } from '../agents/agent-kind.ts';
import { context, runStart } from '../testing/effects.ts';
import { openFakeTown } from '../testing/fake-town.ts';
import type { FakeTown } from '../testing/fake-town.ts';
import { spawnRunner } from '../testing/spawn-runner.ts';
import { until } from '../testing/until.ts';
import { settingsThatRun } from './repository-settings.ts';

/** The real runner with one agent program, a scripted model and a town that says yes to everything. */
export interface House {
  readonly town: FakeTown;
  readonly model: ModelServer;
  readonly kind: AgentKind;
  readonly state: string;
  /** What settings of the repository ran. */
  ran(): string[];
  /** Events that the runner logged, by name. */
  logged(event: string): Record<string, unknown>[];
  /** Starts a run whose first prompt plays these steps. */
  begin(steps: unknown[], changes?: Begin): Promise<Started>;
  /** Starts a run of the Mayor, who has no bead and one place, and goes on with the session of the run before if there is one. */
  mayor(before?: Started): Promise<Started>;
  /** What of the transcript belongs to this run. */
  items(run: Started): TranscriptItem[];
  /** Reports about this run, in order. */
  reports<K extends Report['kind']>(run: Started, kind: K): Extract<Report, { kind: K }>[];
  /** Ends when the run has had so many turns. */
  turns(run: Started, many?: number, ms?: number): Promise<Extract<Report, { kind: 'turn.ended' }>>;
  say(run: Started, steps: unknown[] | string, mode?: 'wait-idle' | 'immediate'): Promise<void>;
  stop(run: Started): Promise<void>;
  /** Ends everything, and gives what the runner logged. */
  close(): Promise<string>;
}

export interface Started {
  readonly runId: RunId;
  readonly sessionId: string;
  readonly resumed: boolean;
  readonly name: string;
}

interface Begin {
  readonly permissions?: Partial<ReturnType<typeof runStart>['permissions']>;
}

export interface HouseWish {
  readonly kind: AgentKind;
  /** Variables of the runner. */
  readonly environment: Readonly<Record<string, string>>;
}

export const ANSWER: ToolAnswer = { summary: 'Noted under number 4711.', data: { number: 4711 }, links: [] };
const TURN_MS = 120_000;
/** What the repository says to whoever works in it; Claude Code reads the one, the others the other. */
export const HOUSE_RULE = 'Name each new file after a fruit.';
export async function openHouse({ kind, environment }: HouseWish): Promise<House> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gastown-conformance-')));
  const state = join(folder, 'state');
  mkdirSync(state);
  // Whoever an agent runs as can write there.
  const ran = realpathSync(mkdtempSync(join(tmpdir(), 'gastown-ran-')));
  chmodSync(ran, 0o777);
  const forge = await createBareRepo(join(folder, 'forge.git'));
  const rules = ['AGENTS.md', 'CLAUDE.md'].map((path) => ({ path, content: `${HOUSE_RULE}\n` }));
  await seedRepo(forge, [{ path: 'README.md', content: '# web\n' }, ...rules, ...settingsThatRun(ran)], 'first');
  const model = await startModel({ stories: { stories: [] } });
  const town = await openFakeTown({ modelUrl: model.url, answer: () => ({ ok: true, value: ANSWER }) });
  const agents = join(folder, 'agents.json');
  writeFileSync(agents, JSON.stringify([kind]));
  const runner = spawnRunner(town.url, state, { GASTOWN_AGENTS_FILE: agents, ...environment });
  let count = 0;
  let nudges = 0;
  const shape = apiFor(kind, 'openai') === null ? 'anthropic' : 'openai';

  const started = async (start: ReturnType<typeof runStart>): Promise<Started> => {
    const outcome = await town.perform(start);
    if (outcome.state !== 'succeeded' || outcome.value.kind !== 'session') throw new Error(`it did not start: ${JSON.stringify(outcome)}`);
    const { sessionId, resumed } = outcome.value;
    return { runId: start.runId, sessionId, resumed, name: start.context.agent.name };
  };
  const house: House = {
    town,
    model,
    kind,
    state,
    ran: () => readdirSync(ran),
    logged: (event) =>
      runner
        .output()
        .split('\n')
        .filter((line) => line.includes(`"event":"${event}"`))
        .map((line) => JSON.parse(line)),
    async begin(steps, { permissions = {} } = {}) {
      count += 1;
      const digits = count.toString(16).padStart(12, '0');
      const name = `Toast${count}`;
      const id = BeadId.parse(`gt-${digits.slice(-8)}`);
      const agent: PrimeContext['agent'] = {
        id: AgentId.parse(`ag-${digits.slice(-8)}`),
        name,
        role: 'polecat',
        identity: `web/polecat/${name}`,
      };
      const bead = { ...context().bead!, id, body: scriptText(steps) };
      const start = runStart(forge, {
        runId: RunId.parse(`run-${digits}`),
        agentId: agent.id,
        agentKind: kind.id,
        modelShape: shape,
        gitName: name,
        context: context({ agent, bead, branch: workBranch(name, id) }),
      });
      return started({ ...start, permissions: { ...start.permissions, ...permissions } });
    },
    mayor(before) {
      count += 1;
      const agent = { id: AgentId.parse('ag-000000aa'), name: 'Mayor', role: 'mayor', identity: 'mayor' } as const;
      return started(
        runStart(null, {
          runId: RunId.parse(`run-${count.toString(16).padStart(12, '0')}`),
          agentId: agent.id,
          agentKind: kind.id,
          modelShape: shape,
          resumeSessionId: before?.sessionId ?? null,
          context: context({ agent, rig: null, bead: null, branch: null }),
        }),
      );
    },
    items: ({ runId }) => [...town.items.values()].filter((item) => item.runId === runId),
    reports: (run, wanted) =>
      town.reports.filter(
        (report): report is Extract<Report, { kind: typeof wanted }> =>
          report.kind === wanted && 'runId' in report && report.runId === run.runId,
      ),
    async turns(run, many = 1, ms = TURN_MS) {
      const ended = () => house.reports(run, 'turn.ended');
      const found = await until(
        `${many} turns of ${run.runId}`,
        () => {
          const lost = house.reports(run, 'run.lost')[0];
          if (lost) throw new Error(`the run was lost: ${lost.failure.code} ${lost.failure.message}`);
          return ended()[many - 1];
        },
        ms,
      );
      return found;
    },
    async say(run, steps, mode = 'wait-idle') {
      nudges += 1;
      const nudgeId = `nu-${nudges.toString(16).padStart(12, '0')}` as never;
      const text = typeof steps === 'string' ? steps : scriptText(steps);
      const outcome = await town.perform({
        kind: 'run.prompt',
        runId: run.runId,
        generation: 1 as never,
        nudgeId,
        text,
        source: 'person',
        mode,
        again: false,
      });
      if (outcome.state !== 'succeeded') throw new Error(`it was not prompted: ${JSON.stringify(outcome)}`);
    },
    async stop(run) {
      await town.perform({ kind: 'run.stop', runId: run.runId, generation: 1 as never });
    },
    async close() {
      runner.child.kill('SIGTERM');
      await runner.exit;
      await town.close();
      await model.close();
      for (const each of [folder, ran]) rmSync(each, { recursive: true, force: true, maxRetries: 5 });
      return runner.output();
    },
  };
  await until('the runner says hello', () => town.hellos[0], 30_000).catch(async (error: unknown) => {
    await house.close();
    throw error;
  });
  return house;
}
