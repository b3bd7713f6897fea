import { UNDISPATCHED_KINDS, type BeadId, type ImportAnswer } from '@gastown/protocol';
import type { DueEffect } from '../src/api.ts';
import { checkInvariants } from '../src/invariants.ts';
import { memorySql, story, type Story } from '../src/testing.ts';

/** A town for the data of others: one rig with many slots, paused, at the time that the expected results are of. */
const NOW = Date.parse('2026-06-01T00:00:00Z');
const SLOTS = 50;

export interface OracleTown {
  readonly one: Story;
  bring(text: string, start?: boolean): ImportAnswer;
  ids(where: string): string[];
  /** What is wrong with the town, by its own checkers. */
  wrong(): string[];
}
export function oracleTown(): OracleTown {
  const store = memorySql();
  const one = story({}, { store, check: false });
  one.town.now = NOW;
  one.town.must({ kind: 'town.configure', maxPolecats: SLOTS });
  slots(one, SLOTS);
  one.town.must({ kind: 'town.pause' });
  return {
    one,
    bring: (text, start = true) => one.town.must<ImportAnswer>({ kind: 'beads.import', rigId: one.rigId, text, start }),
    ids: (where) => store.all(`SELECT id FROM beads WHERE type = 'issue' AND ${where} ORDER BY id`).map((row) => String(row['id'])),
    wrong: () => checkInvariants(store, one.town.now).map(({ invariant, message }) => `${invariant} ${message}`),
  };
}
const slots = (one: Story, maxPolecats: number): void => void one.town.must({ kind: 'rig.update', rigId: one.rigId, maxPolecats });

/** The lines of the town's export, page by page. */
export function linesOut({ one }: OracleTown): string[] {
  const lines: string[] = [];
  for (let after: string | null = ''; after !== null;) {
    const page = one.town.town.exportPage({ rigId: null, all: false, after }, one.town.now);
    lines.push(...page.text.split('\n').slice(0, -1));
    after = page.next;
  }
  return lines;
}

export const BLOCKED = 'blocked = 1';
export const WITH_EPHEMERAL = `status = 'open' AND hold IS NULL AND blocked = 0 AND defer_until IS NULL AND deferred_parents = 0`;
const kinds = UNDISPATCHED_KINDS.map((kind) => `'${kind}'`).join(', ');
/** Unblocked, and no agent is sent to it: a person closes it. */
const FOR_A_PERSON = `status = 'open' AND blocked = 0 AND hold IS NOT 'pinned' AND (hold = 'not_work' OR kind IN (${kinds}))`;
const ACTIVE = `status <> 'closed' AND hold IS NOT 'pinned'`;

/**
 * Drains the town by its scheduler: in each wave every bead that may begin is begun and handed in by a simulated agent, and only when nothing more begins are
 * the wave's branches landed. So a bead that begins too early or not at all shows.
 */
export function drain({ one, ids }: OracleTown): { waves: string[][]; left: string[] } {
  const { town, runner } = one;
  for (const id of ids(`status = 'open' AND (hold IN ('staged', 'foreign', 'deferred') OR defer_until IS NOT NULL)`))
    if (!town.person({ kind: 'bead.start', beadId: id as BeadId }).ok) town.must({ kind: 'bead.defer', beadId: id as BeadId, until: 0 });
  for (const id of ids('defer_until IS NOT NULL')) town.must({ kind: 'bead.start', beadId: id as BeadId });
  const waves: string[][] = [];
  for (let begun = 0; ; begun = runner.starts.length) {
    const landings: DueEffect[] = [];
    slots(one, SLOTS);
    if (begun === 0) town.must({ kind: 'town.resume' });
    perform(one, (due) => due.target === 'runner' && due.effect.kind === 'merge.test' && landings.push(due) > 0);
    const agents = runner.starts.slice(begun).flatMap((start) => start.context.bead?.id ?? []);
    const person = ids(FOR_A_PERSON);
    if (agents.length + person.length === 0) return { waves, left: ids(ACTIVE) };
    waves.push([...agents, ...person].toSorted());
    slots(one, 0);
    for (const due of landings) runner.perform(due);
    perform(one, () => false);
    for (const id of person) town.must({ kind: 'bead.set_status', beadId: id as BeadId, status: 'closed' });
    perform(one, () => false);
  }
}
/** Performs what is due until nothing more is; `keeps` takes an effect for later. */
function perform({ town, runner }: Story, keeps: (due: DueEffect) => boolean): void {
  for (let due = town.take(); due.length > 0; due = town.take()) for (const one of due) if (!keeps(one)) runner.perform(one);
}
