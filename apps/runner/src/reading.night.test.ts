import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AgentId, Generation, NudgeId } from '@gastown/protocol';
import { createBareRepo, seedRepo, startModel } from '@gastown/rehearsal';
import { openFakeTown } from './testing/fake-town.ts';
import { reportsOf as seen, script, startRunnerProcess } from './testing/runner-process.ts';
import { context, MAYOR, RIG, RUN, runStart, tempFolder } from './testing/fixtures.ts';
import { until } from './testing/until.ts';

const AGENT_KIND = process.env['GASTOWN_E2E_AGENT'] ?? 'kilo';
const SHAPE = process.env['GASTOWN_E2E_SHAPE'] === 'anthropic' ? 'anthropic' : 'openai';

test(
  'the Mayor reads the code of a rig with its own tools and with ours, is asked for no permission, and has nothing to write with (MY-7 to MY-10)',
  { timeout: 120_000 },
  async () => {
    const folder = tempFolder();
    const forge = join(folder, 'forge.git');
    await seedRepo(await createBareRepo(forge), [{ path: 'AGENTS.md', content: 'Use words of honey.\n' }], 'first');
    const state = join(folder, 'state');
    const model = await startModel({ stories: { stories: [] } });
    const rig = { rig_id: RIG, name: 'web', git_url: forge, default_branch: 'main', empty: false };
    const town = await openFakeTown({
      modelUrl: model.url,
      answer: () => ({ ok: true, value: { summary: 'The rig web.', data: rig, links: [] } }),
    });
    onTestFinished(async () => {
      await model.close();
      await town.close();
    });
    startRunnerProcess(town.url, state);
    const rigs = [{ id: RIG, name: 'web', gitUrl: forge, state: 'ready', defaultBranch: 'main' }];
    const mayor = context({
      agent: { id: AgentId.parse(MAYOR), name: 'Mayor', role: 'mayor', identity: 'mayor' },
      rig: null,
      bead: null,
      branch: null,
      targetBranch: null,
      gates: [],
      rigs,
    });
    const opened = await town.perform(runStart(null, { agentKind: AGENT_KIND, modelShape: SHAPE, agentId: MAYOR, context: mayor }));
    expect(opened).toMatchObject({ state: 'succeeded' });
    const desk = join(state, 'desks', MAYOR);
    const file = join(desk, 'rigs', 'web', 'AGENTS.md');
    const text = `look ${script([
      { tool: 'read', args: { filePath: file } },
      { tool: 'gt_rig_browse', args: { rig_id: 'web', path: 'AGENTS.md' } },
      { tool: 'write', args: { filePath: join(desk, 'rigs', 'web', 'new.md'), content: 'x' } },
      { text: 'Read.' },
    ])}`;
    await town.perform({
      kind: 'run.prompt',
      runId: RUN,
      generation: Generation.parse(1),
      nudgeId: NudgeId.parse('nu-111111111111'),
      text,
      source: 'person',
      mode: 'wait-idle',
      again: false,
      rigs,
    });
    await until('the turn ends', () => seen(town, 'turn.ended')[0], 60_000);
    await until('the transcript is stored', () => [...town.items.values()].some((item) => item.kind === 'turn_end'));
    const used = [...town.items.values()].flatMap((item) => (item.kind === 'tool' ? [item] : []));
    const named = (tool: string) => used.find((item) => item.tool === tool);
    expect(named('read')).toMatchObject({ state: 'completed', output: expect.stringContaining('Use words of honey.') as string });
    expect(named('gt_rig_browse')).toMatchObject({ state: 'completed', output: expect.stringContaining('Use words of honey.') as string });
    expect(used.filter(({ tool, state: how }) => tool !== 'read' && tool !== 'gt_rig_browse' && how === 'completed')).toEqual([]);
    const said = [...town.items.values()].flatMap((item) => (item.kind === 'assistant' ? [item.text] : []));
    expect(said.join('\n')).toContain('calls the tool write, which I am not offered');
    expect(seen(town, 'permission.asked')).toEqual([]);
    expect(existsSync(join(desk, 'rigs', 'web', 'new.md'))).toBe(false);
  },
);
