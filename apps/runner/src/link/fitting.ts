import { failure, FromRunner, LIMITS, wrongFields } from '@gastown/protocol';
import type { EffectValue, Failure, Outcome, Report } from '@gastown/protocol';

/** The town closes the link at a frame that is longer, or that it cannot read: what would be sent again after each reconnect, for ever, is made to fit before it is sent once. */
const MOST_BYTES = LIMITS.frameBytes.value * 3;
const MOST_TEXT = 2_000;
const MOST_OUTPUT = 16_384;

/** The same report with less of what people read: details, then outputs of gates. The state it tells is the same. Null: the town cannot read it, and nothing waits for it. */
export function fitting(report: Report): Report | null {
  const told = bytesOf(report) <= MOST_BYTES ? report : shorter(report);
  const why = unreadable({ t: 'report', seq: 1, report: told });
  if (why === null) return told;
  if (told.kind === 'outcome') return { ...told, outcome: { state: 'failed', failure: why, retry: false } };
  return 'runId' in told ? { kind: 'run.lost', runId: told.runId, generation: told.generation, failure: why } : null;
}

/** Why the town would close the link at this frame; null: it reads it. Things that agents and repositories name can have any size and value. */
export function unreadable(frame: FromRunner): Failure | null {
  const read = FromRunner.safeParse(frame);
  if (!read.success)
    return failure(
      'internal',
      `The runner has something to say that the town cannot read: ${wrongFields(read.error, 'frame').slice(0, MOST_TEXT)}.`,
    );
  const bytes = bytesOf(frame);
  return bytes <= MOST_BYTES ? null : failure('too_large', `It has ${bytes} bytes on its way to the town, which takes ${MOST_BYTES}.`);
}
const bytesOf = (frame: FromRunner | Report): number => Buffer.byteLength(JSON.stringify(frame));

function shorter(report: Report): Report {
  switch (report.kind) {
    case 'outcome':
      return { ...report, outcome: shorterOutcome(report.outcome) };
    case 'turn.ended':
      return {
        ...report,
        stopReason: report.stopReason.slice(0, MOST_TEXT),
        failure: report.failure === null ? null : shorterFailure(report.failure),
      };
    case 'run.lost':
      return { ...report, failure: shorterFailure(report.failure) };
    case 'hand_in.refused':
      return { ...report, failure: { ...report.failure, message: report.failure.message.slice(0, MOST_TEXT) } };
    default:
      return report;
  }
}

function shorterOutcome(outcome: Outcome): Outcome {
  return outcome.state === 'failed'
    ? { ...outcome, failure: shorterFailure(outcome.failure) }
    : { ...outcome, value: shorterValue(outcome.value) };
}

function shorterValue(value: EffectValue): EffectValue {
  if (value.kind !== 'tested') return value;
  const each = Math.floor(MOST_BYTES / 8 / Math.max(value.gates.length, 1));
  const gates = value.gates.map((gate) => ({
    ...gate,
    command: gate.command.slice(0, each),
    output: gate.output.slice(-Math.min(each, MOST_OUTPUT)),
    truncated: true,
  }));
  return { ...value, gates, failure: value.failure === null ? null : shorterFailure(value.failure) };
}

const shorterFailure = ({ details: _details, ...rest }: Failure): Failure => ({ ...rest, message: rest.message.slice(0, MOST_TEXT) });
