import {
  costIsKnown,
  failure,
  money,
  limitRef,
  LIMITS,
  ok,
  refuse,
  type PersonCommand,
  type Result,
  type SpendLevel,
  type Usage,
} from '@gastown/protocol';
import { findAgent } from '../agents/store.ts';
import type { TownCommand } from '../api.ts';
import { findBead, touchBead, unfinished } from '../beads/store.ts';
import { membersOf } from '../beads/membership.ts';
import { liveConvoys, touchConvoy } from '../convoys/store.ts';
import { modelsOf, theTown, touchTown } from '../config/store.ts';
import { escalate } from '../escalations/commands.ts';
import { touchWaiting } from '../gates.ts';
import { record } from '../ledger/store.ts';
import { findRig } from '../rigs/store.ts';
import { modelWorked } from '../runs/provider.ts';
import { findRun, touchRun, type Run } from '../runs/store.ts';
import { idPages } from '../sql.ts';
import type { Tx } from '../tx.ts';
import { EACH, readLimits, writeLimit, type Limit } from './limits.ts';
import { detailsOf, reachedByRun, scopesOf, sentenceOf, type Reached } from './reached.ts';
import { addMinute } from './minutes.ts';
import { endLifted, holdBeads } from './rule.ts';
import { addSpend } from './store.ts';

type Spent = Extract<TownCommand, { kind: 'spend' }>;
/** What a model call used, booked on the run and on all that the run belongs to. A run that is over is charged as well: the money is spent. */
export function spend(tx: Tx, { runId, usage: said, model, worked = true }: Spent): Result<Record<string, never>> {
  const usage = possible(said);
  const run = findRun(tx.sql, runId);
  addMinute(tx, { rig: run?.rigId ?? '', agent: run?.agentId ?? '', model }, usage);
  if (worked) modelWorked(tx, run);
  if (!run) return spendOfNobody(tx, usage);
  const before = new Set(reachedByRun(tx.sql, run).map(nameOf));
  for (const { level, id } of scopesOf(tx.sql, run)) {
    addSpend(tx, level, id, usage);
    if (level === 'convoy') touchConvoy(tx, id);
  }
  touchRun(tx, run, 'slots');
  touchTown(tx);
  for (const reached of reachedByRun(tx.sql, run)) if (!before.has(nameOf(reached))) tellReached(tx, run, reached);
  return ok({});
}
/** More than any call uses: what a provider says beyond it counts as so much, so that sums stay exact numbers and limits still hold. */
const MOST = 1_000_000_000_000;
const atMost = (figure: number): number => (figure > 0 ? Math.ceil(Math.min(figure, MOST)) : 0);
const possible = (said: Usage): Usage => ({
  inputTokens: atMost(said.inputTokens),
  outputTokens: atMost(said.outputTokens),
  cacheReadTokens: atMost(said.cacheReadTokens),
  cacheWriteTokens: atMost(said.cacheWriteTokens),
  costMicros: atMost(said.costMicros),
});
/** Of a session that is long forgotten: the money is the town's all the same. */
function spendOfNobody(tx: Tx, usage: Usage): Result<Record<string, never>> {
  addSpend(tx, 'town', theTown(tx.sql).id, usage);
  touchTown(tx);
  return ok({});
}
const nameOf = ({ kind, level, id }: Reached): string => `${kind} ${level} ${id}`;

/** A limit is reached just now: whoever waits there shows it; a person is asked where nothing else would ask (RC-32). Beads are held by the rule. */
function tellReached(tx: Tx, run: Run, reached: Reached): void {
  const { kind, level, id } = reached;
  record(tx, { type: kind === 'hard' ? 'budget_spent' : 'soft_limit', beadId: run.beadId, agentId: run.agentId, data: detailsOf(reached) });
  if (level === 'town') touchWaiting(tx);
  if (level === 'rig') touchWaiting(tx, id);
  if (level === 'convoy') for (const bead of membersOf(tx.sql, id)) touchBead(tx, bead.id);
  if (kind !== 'hard' || (level !== 'convoy' && level !== 'agent')) return;
  const about = level === 'agent' ? { beadId: null, agentId: run.agentId } : { beadId: findBead(tx.sql, id)?.id ?? null, agentId: null };
  escalate(tx, { ...about, rigId: run.rigId, severity: 'high', category: 'budget', message: sentenceOf(tx.sql, reached) });
}

type Wish = Extract<PersonCommand, { kind: 'spend.limit' }>;

/** What is absent stays, null clears (CF-3). Work that only this limit held goes on by itself. */
export function setLimit(tx: Tx, wish: Omit<Wish, 'kind'>): Result<LimitSet> {
  const { level } = wish;
  const of = level === 'town' ? theTown(tx.sql).id : (wish.id ?? '');
  const wrong = level === 'town' ? subjectOfTown(wish.id, of) : unknownSubject(tx, level, of);
  if (wrong) return wrong;
  const limits = readLimits(tx.sql);
  const before = limits.get(limitRef(level, of)) ?? { softMicros: null, hardMicros: null };
  const after: Limit = {
    id: limitRef(level, of),
    level,
    of,
    softMicros: wish.softMicros === undefined ? before.softMicros : wish.softMicros,
    hardMicros: wish.hardMicros === undefined ? before.hardMicros : wish.hardMicros,
  };
  if (after.softMicros !== null && after.hardMicros !== null && after.softMicros > after.hardMicros)
    return refuse(
      failure('invalid_input', `A soft limit of ${money(after.softMicros)} would be above the hard one of ${money(after.hardMicros)}.`, {
        field: 'softMicros',
      }),
    );
  const answer = () => ok({ level, id: of, softMicros: after.softMicros, hardMicros: after.hardMicros, warning: limitWarning(tx) });
  if (before.softMicros === after.softMicros && before.hardMicros === after.hardMicros) return answer();
  if (!limits.has(after.id) && limits.size >= LIMITS.spendLimits.value) return refuse(failure('too_many_limits'));
  writeLimit(tx, after);
  record(tx, { type: 'spend_limit_set', data: { level, id: of, softMicros: after.softMicros, hardMicros: after.hardMicros } });
  applyLimits(tx);
  return answer();
}

type LimitSet = Pick<Limit, 'level' | 'id' | 'softMicros' | 'hardMicros'> & { readonly warning: string | null };

/** A model without a known price counts tokens and no money, so that no limit can hold. */
export function limitWarning(tx: Tx): string | null {
  const model = modelsOf(theTown(tx.sql)).find((one) => !costIsKnown(one));
  return model && readLimits(tx.sql).size > 0
    ? `The price of ${model.model} is not known, so its calls cost nothing and no limit holds: set its price.`
    : null;
}

/** A person's change is rare: every waiting bead is looked at anew. */
function applyLimits(tx: Tx): void {
  touchTown(tx);
  touchWaiting(tx);
  for (const convoy of liveConvoys(tx.sql)) touchConvoy(tx, convoy.id);
  const waiting = unfinished(tx.sql).map((bead) => bead.id);
  for (const page of idPages(waiting)) holdBeads(tx, page);
  endLifted(tx);
}

const subjectOfTown = (named: string | undefined, of: string): Result<never> | null =>
  named === undefined || named === of
    ? null
    : refuse(failure('invalid_input', 'id: the town has one limit; leave the id out.', { field: 'id' }));

/** Each one that exists may have a limit; `*` stands for each run, bead or convoy. */
function unknownSubject(tx: Tx, level: Exclude<SpendLevel, 'town'>, id: string): Result<never> | null {
  if (id === EACH)
    return level === 'run' || level === 'bead' || level === 'convoy'
      ? null
      : refuse(failure('invalid_input', `id: name one ${level}; \`*\` is for each run, bead or convoy.`, { field: 'id' }));
  if (id === '') return refuse(failure('invalid_input', `id: say which ${level} is meant.`, { field: 'id' }));
  switch (level) {
    case 'run':
      return findRun(tx.sql, id) ? null : refuse(failure('unknown_run', `There is no run ${id}.`));
    case 'agent':
      return findAgent(tx.sql, id) ? null : refuse(failure('unknown_agent', `There is no agent ${id}.`));
    case 'rig':
      return findRig(tx.sql, id) ? null : refuse(failure('unknown_rig', `There is no rig ${id}.`));
    case 'bead':
      return findBead(tx.sql, id)?.type === 'issue' ? null : refuse(failure('unknown_bead', `There is no bead ${id}.`));
    case 'convoy':
      return findBead(tx.sql, id)?.type === 'convoy' ? null : refuse(failure('unknown_convoy', `There is no convoy ${id}.`));
  }
}
