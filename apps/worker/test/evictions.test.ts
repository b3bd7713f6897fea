import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { Outcome, Report, RunnerEffect } from '@gastown/protocol';
import { checkInvariants } from '@gastown/town/invariants';
import { expect, it, vi } from 'vitest';
import { sqlOver } from '../src/sql.ts';
import { command, newTown, signIn, valueOf } from './client.ts';
import { runnerOf, watch } from './runner.ts';
import type { Client, Frame } from './sockets.ts';

/** A town at work that loses its memory again and again: after every few frames the real object is evicted, its sockets kept (reliability §3). */
const EVICTIONS = Number(env.EVICTIONS);
/** However busy the machine is: a town in which nothing happens for this long has lost something. */
const STUCK_MS = 120_000;
const LONGEST_MS = STUCK_MS + EVICTIONS * 2_000;
const BEADS_AT_ONCE = 4;
/** About as many as a bead's life has. */
const FRAMES_A_BEAD = 8;
const sha = (text: string) => Array.from({ length: 40 }, (_, at) => ((text.charCodeAt(at % text.length) + at) % 16).toString(16)).join('');

const outcomeOf = (effect: RunnerEffect): Outcome => {
  const good = (value: Extract<Outcome, { state: 'succeeded' }>['value']): Outcome => ({ state: 'succeeded', value });
  switch (effect.kind) {
    case 'rig.connect':
      return good({ kind: 'rig', defaultBranch: 'main', empty: false, head: sha('base') });
    case 'run.start':
      return good({ kind: 'session', sessionId: `ses-${effect.runId}`, resumed: false, model: null });
    case 'merge.test':
      return good({ kind: 'tested', passed: true, baseCommit: sha('base'), mergeCommit: sha(effect.mergeId), gates: [], failure: null });
    case 'merge.land':
      return good({ kind: 'landed', mergeCommit: effect.mergeCommit });
    default:
      return good({ kind: 'none' });
  }
};

/** Everything a healthy runner says of one effect, in order. */
function* says(effectId: string, effect: RunnerEffect): Generator<{ report: Report } | { call: Record<string, unknown> }> {
  yield { report: { kind: 'outcome', effectId, outcome: outcomeOf(effect) } as Report };
  if (effect.kind !== 'run.start' || !effect.context.bead) return;
  const { runId, generation } = effect;
  yield { report: { kind: 'turn.started', runId, generation, nudgeId: null } };
  const head = sha(runId);
  const commits = [{ sha: head, subject: 'work', author: 'polecat', at: 1 }];
  yield {
    call: {
      runId,
      generation,
      tool: 'done',
      args: { summary: 'done' },
      evidence: { branch: effect.context.branch, headCommit: head, ahead: 1, commits },
    },
  };
  yield { report: { kind: 'turn.ended', runId, generation, stopReason: 'end_turn', failure: null } };
}

it(
  `a town that is evicted ${EVICTIONS} times while it works loses nothing and does nothing twice (I1 to I12, I18)`,
  async () => {
    const cookie = await signIn();
    const { id } = await newTown(cookie);
    const stub = env.TOWN.get(env.TOWN.idFromName(id));
    const browser = await watch(id, cookie);
    const runner = await runnerOf(id);
    let evictions = 0;
    const forget = async (): Promise<void> => {
      evictions += 1;
      await evictDurableObject(stub as unknown as DurableObjectStub);
    };
    const { rigId } = await valueOf<{ rigId: string }>(
      await command(cookie, id, { kind: 'rig.add', name: 'api', gitUrl: 'https://example.test/api.git', maxPolecats: BEADS_AT_ONCE }),
    );
    const wishes: string[] = [];
    const wish = async (): Promise<void> => {
      const made = await command(cookie, id, { kind: 'bead.create', rigId, title: `bead ${wishes.length}`, dependsOn: wishes.slice(-1) });
      wishes.push((await valueOf<{ beadId: string }>(made)).beadId);
    };
    for (let count = 0; count < BEADS_AT_ONCE; count += 1) await wish();
    const answered = serve(runner, async () => {
      if (evictions >= EVICTIONS) return;
      await forget();
      if (evictions % FRAMES_A_BEAD === 0) await wish();
    });
    let seen = { evictions, closed: 0, at: Date.now() };
    const isStuck = (): boolean => {
      const closed = closedIn(browser).size;
      if (closed !== seen.closed || evictions !== seen.evictions) seen = { evictions, closed, at: Date.now() };
      return Date.now() - seen.at > STUCK_MS;
    };
    const isDone = (): boolean => evictions >= EVICTIONS && closedIn(browser).size >= wishes.length;
    await vi.waitUntil(() => isDone() || isStuck(), { timeout: LONGEST_MS, interval: 20 });
    expect({ evictions, open: wishes.filter((beadId) => !closedIn(browser).has(beadId)) }).toEqual({ evictions: EVICTIONS, open: [] });
    const landed = answered().filter((effect) => effect.kind === 'merge.land');
    expect(new Set(landed.map((effect) => effect.mergeId)).size).toBe(wishes.length);
    const findings = await runInDurableObject(stub as unknown as DurableObjectStub, (_, { storage }) =>
      checkInvariants(sqlOver(storage.sql), Date.now()),
    );
    expect(findings).toEqual([]);
    answered.stop();
  },
  LONGEST_MS,
);

/** Answers every effect once, frame by frame, and lets `between` happen after each. */
function serve(runner: Client, between: () => Promise<void>) {
  const done = new Map<string, RunnerEffect>();
  let seq = 0;
  let calls = 0;
  let going = true;
  const next = (): Frame | undefined => runner.frames.find((frame) => frame.t === 'effect' && !done.has(String(frame.effectId)));
  const work = async (): Promise<void> => {
    while (going) {
      const frame = await vi.waitUntil(() => next() ?? (going ? null : ({ t: 'end' } as Frame)), { timeout: 60_000, interval: 2 });
      if (frame.t === 'end') return;
      const effect = frame.effect as RunnerEffect;
      done.set(String(frame.effectId), effect);
      for (const said of says(String(frame.effectId), effect)) {
        if ('report' in said) runner.send({ t: 'report', seq: (seq += 1), report: said.report });
        else runner.send({ t: 'call', callId: `c-${(calls += 1)}`, ...said.call });
        const asked = seq;
        const waited = calls;
        await runner.until((one) =>
          'report' in said ? one.t === 'ack' && one.seq === asked : one.t === 'answer' && one.callId === `c-${waited}`,
        );
        await between();
      }
    }
  };
  const working = work();
  return Object.assign(() => [...done.values()], {
    stop: () => {
      going = false;
      return working;
    },
  });
}

function closedIn(browser: Client): Set<string> {
  const beads = browser.frames.flatMap(
    (frame) => (frame as { put?: { beads?: { id: string; status: string; type: string }[] } }).put?.beads ?? [],
  );
  return new Set(beads.filter((bead) => bead.type === 'issue' && bead.status === 'closed').map((bead) => bead.id));
}
