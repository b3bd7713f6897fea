import { failure, ok, refuse, type Result } from '@gastown/protocol';
import type { Envelope, Moment, Sql, TownCommand } from './api.ts';
import { createTown, deleteTown, setEnvironment } from './config/commands.ts';
import { readTown } from './config/store.ts';
import { containerFailed, containerRuns, containerStopped } from './container/commands.ts';
import { keepContainer } from './container/rule.ts';
import { readContainer } from './container/store.ts';
import { runnerDied } from './container/wedged.ts';
import { applyOutcome, effectsWithoutOutcome, renewEffects } from './effects/outcomes.ts';
import { checkSeq, forgetRunner, runnerDrains, runnerGone, runnerHello } from './links/commands.ts';
import { homeLink, setSeq } from './links/store.ts';
import { handlePerson } from './people/handle.ts';
import { mayRetry, quarantine, release } from './quarantine/commands.ts';
import { poisonOf } from './quarantine/store.ts';
import { reconcile, type Look } from './reconcile.ts';
import { modelTrouble } from './runs/provider.ts';
import { applyReport } from './runs/reports.ts';
import { spend } from './spend/commands.ts';
import { writeChanges } from './sync/changes.ts';
import { earlierAnswer, fingerprint, keepAnswer } from './sync/keys.ts';
import { callerOf, handleTool } from './tools/handle.ts';
import { openTx, type Tx } from './tx.ts';

/** One command, one transaction of the caller: answer known? → act → rules → revision → answer kept. A refusal has written nothing. */
export function handle(sql: Sql, envelope: Envelope, moment: Moment, look: Look = {}): Result<unknown> {
  const { command, key } = envelope;
  const tx = openTx(sql, moment, envelope.actor, causeOf(command));
  const print = key === null ? '' : fingerprint(envelope);
  const known = key === null ? null : earlierAnswer(tx, key, print);
  if (known) return known;
  if (key !== null && wantsAllLines(command))
    return refuse(
      failure('invalid_input', 'lines.all: what is kept under a key has no room for them; ask page by page, or the route import.', {
        field: 'lines',
      }),
    );
  const town = readTown(tx.sql);
  if (!town && command.kind !== 'town.create') return refuse(failure('unknown_town'));
  if (town && town.deletedAt !== null) return afterDeletion(tx, command);
  const result = act(tx, command);
  if (!result.ok || saidBefore(command, result.value)) return result;
  if (command.kind === 'town.delete') keepContainer(tx);
  else reconcile(tx, look);
  writeChanges(tx);
  if (key !== null && !onlyReads(command)) keepAnswer(tx, key, print, result.value);
  return result;
}

/** A report that comes again has had its consequences, and what is due meanwhile has its own alarm (I18). */
const saidBefore = (command: TownCommand, value: unknown): boolean =>
  command.kind === 'runner.report' && (value as { applied: string }).applied === 'seen';

/** Asking again is harmless: the answer is not worth a row. */
const READING: readonly string[] = [
  'list_rigs',
  'rig_browse',
  'list_beads',
  'list_agents',
  'list_convoys',
  'convoy_status',
  'bead_status',
  'prime',
  'ready',
  'mol_current',
];
const onlyReads = (command: TownCommand): boolean =>
  command.kind === 'tool'
    ? READING.includes(command.tool)
    : command.kind === 'person' && command.command.kind === 'beads.import' && command.command.dryRun === true;

const wantsAllLines = (command: TownCommand): boolean =>
  command.kind === 'person' && command.command.kind === 'beads.import' && command.command.lines?.all === true;

const causeOf = (command: TownCommand): string =>
  command.kind === 'person' ? command.command.kind : command.kind === 'tool' ? `gt_${command.tool}` : command.kind;

/** A deleted town stays so, whatever still arrives (I14); only its container may be seen to stop. */
function afterDeletion(tx: Tx, command: TownCommand): Result<unknown> {
  if (command.kind === 'effect.outcome') applyOutcome(tx, command.effectId, command.outcome, null);
  if (command.kind === 'container.observed' && command.state !== 'running') containerStopped(tx);
  if (command.kind === 'wake') {
    renewEffects(tx);
    effectsWithoutOutcome(tx);
  }
  return command.kind === 'wake' || command.kind === 'effect.outcome' || command.kind === 'container.observed'
    ? ok({})
    : refuse(failure('town_deleted'));
}

function act(tx: Tx, command: TownCommand): Result<unknown> {
  switch (command.kind) {
    case 'town.create':
      return createTown(tx, command);
    case 'town.environment':
      return setEnvironment(tx, command);
    case 'town.delete':
      return deleteTown(tx);
    case 'person':
      return command.command.kind === 'quarantine.retry'
        ? retryQuarantined(tx, command.command.quarantineId)
        : handlePerson(tx, command.command, command.secret);
    case 'tool':
      return tool(tx, command);
    case 'runner.hello':
      return runnerHello(tx, command.runnerId, command.hello);
    case 'runner.report':
      return report(tx, command);
    case 'runner.gone':
      return runnerGone(tx, command.runnerId, command.instance);
    case 'container.observed':
      return observed(tx, command);
    case 'effect.outcome':
      return ok({ applied: applyOutcome(tx, command.effectId, command.outcome, null) });
    case 'spend':
      return spend(tx, command);
    case 'model.trouble':
      return modelTrouble(tx, command);
    case 'quarantine':
      return takeBroken(tx, command);
    case 'wake':
      return ok({});
  }
}

/** Its number is taken, so that the runner goes on with what comes after it. */
function takeBroken(tx: Tx, command: Extract<TownCommand, { kind: 'quarantine' }>): Result<unknown> {
  const { input } = command;
  if (input.kind === 'runner.report') {
    const fresh = checkSeq(tx, input);
    if (!fresh.ok) return fresh;
    if (fresh.value === 'seen') return ok({ applied: 'seen' });
    setSeq(tx, fresh.value, input.seq);
  }
  return ok({ quarantineId: quarantine(tx, command) });
}

/** As its original source, whenever a person says so; fencing decides what it still means (I18). A refusal leaves it where it is. */
function retryQuarantined(tx: Tx, id: string): Result<unknown> {
  const found = mayRetry(tx, id);
  if (!found.ok) return found;
  const input = poisonOf(found.value);
  const source = { ...tx, random: (bytes: number) => tx.random(bytes), actor: found.value.actor };
  const result = input.kind === 'runner.report' ? ok({ applied: said(source, input) }) : act(source, input);
  if (!result.ok) return result;
  /** Each time that a call was told is a call that was made. */
  if (input.kind === 'spend') for (let more = found.value.times - 1; more > 0; more -= 1) act(source, input);
  release(tx, found.value, 'quarantine_retried');
  return ok({ quarantineId: id, result: result.value });
}

/** The agent of a tool call is known by its run, not by what the caller says. */
function tool(tx: Tx, command: Extract<TownCommand, { kind: 'tool' }>): Result<unknown> {
  const caller = callerOf(tx, command);
  if (!caller.ok) return caller;
  return handleTool(
    { ...tx, random: (bytes) => tx.random(bytes), actor: { kind: 'agent', id: caller.value.agent.id }, byHand: false },
    command,
  );
}

function report(tx: Tx, command: Extract<TownCommand, { kind: 'runner.report' }>): Result<unknown> {
  const fresh = checkSeq(tx, command);
  if (!fresh.ok) return fresh;
  if (fresh.value === 'seen') return ok({ applied: 'seen' });
  setSeq(tx, fresh.value, command.seq);
  return ok({ applied: said(tx, command) });
}
function said(tx: Tx, from: Pick<Extract<TownCommand, { kind: 'runner.report' }>, 'runnerId' | 'instance' | 'report'>): string {
  const { report, runnerId } = from;
  if (report.kind === 'outcome') return applyOutcome(tx, report.effectId, report.outcome, runnerId);
  return report.kind === 'draining' ? runnerDrains(tx, from, report) : applyReport(tx, report, runnerId);
}

function observed(tx: Tx, { state, failure: why }: Extract<TownCommand, { kind: 'container.observed' }>): Result<unknown> {
  const before = readContainer(tx.sql).state;
  if (state === 'running') containerRuns(tx, homeLink(tx.sql).connected);
  else {
    forgetRunner(tx, before === 'stopping');
    if (state === 'failed') containerFailed(tx, why ?? failure('container_failed'));
    else if (why && before === 'running') runnerDied(tx, why);
    else containerStopped(tx);
  }
  return ok({ before });
}
