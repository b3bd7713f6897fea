import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { BeadId } from '@gastown/protocol';
import { House, openTown } from '@gastown/stories';
import { BareAgent } from './bare-agent.ts';
import { figures } from './figures.ts';
import type { Measured } from './measured.ts';

const run = promisify(execFile);

/** P16: from the command that makes a bead ready to the first event of its agent, with runner and agent process warm. The baseline is what no town
 * can avoid: `git worktree add`, a new session in a running agent process, and its first event. */
export async function start(n: number): Promise<Measured> {
  const house = await House.open({ repos: ['parser'] });
  try {
    const { client, town, replica, rigs } = await openTown(house, 'Bench', ['parser']);
    const rigId = rigs[0]!.id;
    const once = async (index: number): Promise<number> => {
      const began = performance.now();
      const { beadId } = (await client.command(town, {
        kind: 'bead.create',
        rigId,
        title: `Say hello ${index}`,
        body: '<<<SCRIPT [{"text":"# Hello"}] SCRIPT>>>',
      })) as { beadId: BeadId };
      const working = await replica.until('the run is at work', () =>
        replica.all('runs').find((one) => one.beadId === beadId && one.state === 'working'),
      );
      await client.item(town, working.agentId, 'its first event', (item) => item.runId === working.id && item.kind === 'assistant');
      const took = performance.now() - began;
      await client.command(town, { kind: 'bead.set_status', beadId, status: 'closed' });
      await replica.until('the run is over', () => replica.get('runs', working.id)?.state === 'ended');
      return took;
    };
    await once(0);
    const ours: number[] = [];
    for (let index = 1; index <= n; index += 1) ours.push(await once(index));
    replica.close();
    const bare = await bareSessions(house, n);
    const ratio = Math.round((figures(ours).median / figures(bare).median) * 100) / 100;
    return { ok: true, why: [], figures: { readyToFirstEventMs: figures(ours), bareSessionMs: figures(bare), ratioOfMedians: ratio } };
  } finally {
    await house.close();
  }
}

async function bareSessions(house: House, n: number): Promise<number[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gastown-bench-'));
  await run('git', ['clone', '-q', '--bare', house.bare('parser'), path.join(folder, 'mirror.git')]);
  const agent = await BareAgent.open(folder, house.model.url);
  try {
    const times: number[] = [];
    for (let index = 0; index <= n; index += 1) {
      const began = performance.now();
      const tree = path.join(folder, `tree-${index}`);
      await run('git', ['-C', path.join(folder, 'mirror.git'), 'worktree', 'add', '-q', '-b', `b${index}`, tree, 'main']);
      await agent.firstEvent(tree, '<<<SCRIPT [{"text":"# Hello"}] SCRIPT>>>');
      if (index > 0) times.push(performance.now() - began);
    }
    return times;
  } finally {
    agent.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
