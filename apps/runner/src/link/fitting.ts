import { LIMITS } from '@gastown/protocol';
import type { EffectValue, Failure, Outcome, Report } from '@gastown/protocol';

/** The town closes the link at a longer frame: what would be sent again after each reconnect, for ever, is made to fit before it is sent once. */
const MOST_BYTES = LIMITS.frameBytes.value * 3;
const MOST_TEXT = 2_000;
const MOST_OUTPUT = 16_384;

/** The same report with less of what people read: details, then outputs of gates. The state it tells is the same. */
export function fitting(report: Report): Report {
  return Buffer.byteLength(JSON.stringify(report)) <= MOST_BYTES ? report : shorter(report);
}

function shorter(report: Report): Report {
  switch (report.kind) {
    case 'outcome':
      return { ...report, outcome: shorterOutcome(report.outcome) };
    case 'turn.ended':
      return { ...report, failure: report.failure === null ? null : shorterFailure(report.failure) };
    case 'run.lost':
      return { ...report, failure: shorterFailure(report.failure) };
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
