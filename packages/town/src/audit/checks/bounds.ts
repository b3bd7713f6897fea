import { LIMITS } from '@gastown/protocol';
import { int, text, textOrNull } from '../../sql.ts';
import { finding, type Check } from './check.ts';

/**
 * I8: what is tried again is tried a bounded number of times. A person who puts a failed bead back gives it one try more each time; a provider that is
 * down is waited for without end, ever more slowly (RC-34).
 */
const MOST = `SELECT bead_id, attempts, starts FROM issues
  WHERE attempts > ?1 OR (starts > ?2 AND coalesce(json_extract(failure, '$.code'), '') NOT IN ('model_unreachable', 'model_rate_limited', 'model_overloaded'))`;

export const attemptsCheck: Check = {
  tables: ['issues'],
  open: () => (sql) =>
    sql.all(MOST, LIMITS.attemptsPerBead.value, LIMITS.dispatchAttempts.value).flatMap((issue) => {
      const id = text(issue, 'bead_id');
      const [given] = sql.all(
        `SELECT count(*) AS n FROM bead_events WHERE bead_id = ? AND (actor_kind = 'person' OR CASE WHEN json_valid(data) THEN json_extract(data, '$.byHand') END) AND after IS NOT NULL AND before IS NOT NULL`,
        id,
      );
      const more = given ? int(given, 'n') : 0;
      const tries = Math.max(int(issue, 'attempts') - LIMITS.attemptsPerBead.value, int(issue, 'starts') - LIMITS.dispatchAttempts.value);
      return tries > more ? [finding('I8', `${id} was tried ${tries} times more than allowed`)] : [];
    }),
};

export const effectsCheck: Check = {
  tables: ['outbox'],
  open: () => (sql) =>
    sql
      .all('SELECT id, kind, attempts, handed FROM outbox WHERE attempts > ?1 OR handed > ?1', LIMITS.effectAttempts.value)
      .map((effect) =>
        finding(
          'I8',
          `${text(effect, 'kind')} ${text(effect, 'id')} was tried ${int(effect, 'attempts')} times, handed out ${int(effect, 'handed')} times`,
        ),
      ),
};

export const remindersCheck: Check = {
  tables: ['runs'],
  open: () => (sql) =>
    sql
      .all(`SELECT id, reminders FROM runs WHERE state <> 'ended' AND reminders > ?`, LIMITS.donePromptsPerRun.value)
      .map((run) => finding('I8', `${text(run, 'id')} was reminded ${int(run, 'reminders')} times`)),
};

/** By the ledger, not by what the run itself counts; each look is at what is new. */
const WARNED = `SELECT CASE WHEN json_valid(data) THEN json_extract(data, '$.runId') END AS run FROM bead_events
  WHERE id > ? AND type = 'agent_silent' AND CASE WHEN json_valid(data) THEN json_extract(data, '$.step') END = 2`;

export const warningsCheck: Check = {
  tables: ['bead_events'],
  open() {
    let last = 0;
    const warned = new Map<string, number>();
    return (sql) => {
      for (const event of sql.all(WARNED, last)) {
        const run = textOrNull(event, 'run');
        if (run !== null) warned.set(run, (warned.get(run) ?? 0) + 1);
      }
      const [newest] = sql.all('SELECT coalesce(max(id), 0) AS id FROM bead_events');
      last = newest ? int(newest, 'id') : last;
      return [...warned]
        .filter(([, times]) => times > LIMITS.silenceWarnings.value)
        .map(([run, times]) => finding('I8', `${run} was warned for its silence ${times} times`));
    };
  },
};
