import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AgentId, BeadId, Generation, RunId, workBranch } from '@gastown/protocol';
import { context, MAYOR, RUN, runStart } from './testing/fixtures.ts';
import { runningRunner } from './testing/running.ts';
import { until } from './testing/until.ts';

const runs = (words: string): boolean =>
  readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(words);
    } catch {
      return false;
    }
  });

test(
  'the end of a run leaves the setup commands of the next one of its pool alone: it starts when they are over (AG-22)',
  { timeout: 90_000 },
  async () => {
    const { folder, forge, town } = await runningRunner();
    const mayor = { id: MAYOR, name: 'Mayor', role: 'mayor', identity: 'mayor' } as const;
    const desk = context({ agent: mayor, rig: null, bead: null, branch: null, targetBranch: null });
    expect(await town.perform(runStart(null, { runId: RunId.parse('run-00000000000a'), agentId: MAYOR, context: desk }))).toMatchObject({
      state: 'succeeded',
    });
    expect(await town.perform(runStart(forge))).toMatchObject({ state: 'succeeded' });
    const go = join(folder, 'go');
    const bead = BeadId.parse('gt-1a2b3c4e');
    const next = town.perform(
      runStart(forge, {
        runId: RunId.parse('run-000000000002'),
        agentId: AgentId.parse('ag-00000002'),
        context: context({ bead: { ...context().bead!, id: bead }, branch: workBranch('Toast', bead) }),
        setup: [{ command: `until [ -e ${go} ]; do sleep 0.1; done`, required: true, timeoutMs: 60_000 }],
      }),
    );
    await until('the setup command runs', () => runs(`[ -e ${go} ]`), 20_000);
    expect(await town.perform({ kind: 'run.stop', runId: RUN, generation: Generation.parse(1) })).toMatchObject({ state: 'succeeded' });
    writeFileSync(go, '');
    expect(await next).toMatchObject({ state: 'succeeded' });
  },
);
