import path from 'node:path';
import { makeBead, withCrew } from './crew.ts';
import { figures } from './figures.ts';
import { atMost } from './goals.ts';
import type { Measured } from './measured.ts';
import { onWorkerd } from './runtime.ts';

const GOAL = { p95Ms: 10, tenthOfInngestMs: 10 };
const ALL_MS = 300_000;

interface Told {
  readonly step: number[];
  readonly ping: number[];
  readonly bare: number[];
  readonly kept: boolean;
}

/**
 * P20: a tool call of an agent until it is answered: tool server of the runner, link, one transaction of the TownDO that is durable before the answer leaves, and back. Beside it a request to an object in a workerd of
 * the same make that inserts one row, and a call that the runner answers alone. All three in turns, timed by the agent.
 */
export const step = (n: number): Promise<Measured> =>
  onWorkerd(async (_ask, base) => {
    const agent = stepAgent(n, new URL('/insert', base).href);
    return withCrew({ rigs: 1, agentsPerRig: 1, agent: 'step', agents: [agent] }, async (crew) => {
      const id = await makeBead(crew, 0, 'Call.');
      const run = await crew.replica.until('its run', () => crew.replica.all('runs').find(({ beadId }) => beadId === id));
      const item = await crew.client.item(
        crew.town,
        run.agentId,
        'the times',
        ({ kind, runId }) => kind === 'assistant' && runId === run.id,
        ALL_MS,
      );
      const told = JSON.parse((item as { text: string }).text) as Told;
      const why = [
        ...(told.step.length === n ? [] : [`${told.step.length} of ${n} calls were answered`]),
        ...(told.kept ? [] : ['what was said after the steps is not in what gt_prime tells']),
      ];
      const [mine, bare] = [figures(told.step), figures(told.bare)];
      return {
        ok: why.length === 0,
        why,
        figures: {
          goals: { p95Ms: atMost(GOAL.p95Ms, mine.p95), tenthOfInngestMs: atMost(GOAL.tenthOfInngestMs, mine.median) },
          stepMs: mine,
          answeredByRunnerMs: figures(told.ping),
          bareInsertMs: bare,
          ratioOfMedians: Math.round((mine.median / bare.median) * 100) / 100,
        },
      };
    });
  });

const stepAgent = (calls: number, bare: string): object => ({
  id: 'step',
  label: 'Step agent',
  program: { command: process.execPath },
  args: [path.join(import.meta.dirname, 'step-agent.ts')],
  variables: { STEP_CALLS: String(calls), STEP_BARE: bare },
  toolPattern: 'gt_{tool}',
  apis: ['chat'],
  role: 'instructions',
});
