/** The doctor's page about one town, for a terminal. Everything that comes from the town is one line without control characters. */
import type { AuditEvent, AuditFinding, AuditReport, BeadTimeline } from '@gastown/protocol';
import { many } from './many.ts';
import { paint } from './paint.ts';
import { plain } from './plain.ts';

const when = (at: number): string => new Date(at).toLocaleString('sv');
const clock = (at: number): string => when(at).slice(11);

export function auditPage(report: AuditReport): string {
  const bad = report.findings.filter(({ grade }) => grade === 'bad').length;
  const { total, first } = report.needs ?? { total: 0, first: [] };
  const town = `${plain(report.town.name)} (${report.town.id})`;
  const waits = many(total, 'thing waits', 'things wait');
  const head =
    bad > 0
      ? `${paint.red('✗')} ${town}: ${many(bad, 'finding is', 'findings are')} bad${total > 0 ? `, ${waits} for you in Attention` : ''}`
      : total > 0
        ? `${paint.yellow('!')} ${town}: every promise holds; ${waits} for you in Attention`
        : `${paint.green('✓')} ${town} is healthy`;
  const needs = [
    ...first.map((title) => `  ${paint.yellow('•')} ${plain(title)}`),
    ...(total > first.length ? [`  … and ${total - first.length} more in Attention`] : []),
  ];
  const left = report.left > 0 ? [`  … and ${report.left} more`] : [];
  return [`${head}, ${when(report.at)}`, ...needs, '', ...report.findings.flatMap(findingLines), ...left, ...factLines(report)].join('\n');
}

function findingLines({ check, grade, found, promise, means, next, since, at }: AuditFinding): string[] {
  const known = since ? eventText(since) : at === null ? null : when(at);
  return [
    `${grade === 'bad' ? paint.red('✗') : paint.yellow('!')} ${check.padEnd(6)} ${plain(found)}`,
    `         promised  ${promise}`,
    ...(known === null ? [] : [`         since     ${known}`]),
    `         means     ${means}`,
    `         next      ${next}`,
    '',
  ];
}
const eventText = ({ at, type, actor, cause }: AuditEvent): string =>
  `${when(at)}, ${type.replaceAll('_', ' ')} by ${plain(actor)} (${cause})`;

function factLines(report: AuditReport): string[] {
  const { replay, checks, effects, dryRun, metrics, due } = report;
  const broken = checks.filter(({ found }) => found > 0);
  const says =
    replay.differences.length === 0
      ? 'say what the tables say'
      : `differ from the tables in ${many(replay.differences.length + replay.left, 'place')}`;
  const unknown = replay.unknown > 0 ? `, ${replay.unknown} from before the ledger said them` : '';
  return [
    fact(
      'Ledger',
      `${many(replay.events, 'event')} of ${many(replay.beads, 'bead')} ${says} (${many(replay.compared, 'column')} compared${unknown})`,
    ),
    fact(
      'Promises',
      `${checks.length - broken.length} of ${checks.length} hold${broken.length > 0 ? `, not ${broken.map(({ check }) => check).join(' ')}` : ''}`,
    ),
    fact(
      'Effects',
      `${effects.pending} wait, ${effects.sent} under way, ${effects.parked} parked; ${many(report.quarantined, 'input')} in quarantine`,
    ),
    fact(
      'Now',
      dryRun.steps.length === 0 && dryRun.effects.length === 0
        ? 'the rules would do nothing'
        : `the rules would do ${many(dryRun.steps.length, 'thing')}:`,
    ),
    ...dryRun.steps
      .slice(0, LISTED)
      .flatMap(({ rule, what, why }) => [`               ${plain(what)}`, paint.dim(`                 ${rule}: ${why}`)]),
    ...dryRun.effects.map(({ kind, id, target }) => `               ${kind} (${id}) would go to the ${target}`),
    fact(
      'Next',
      report.nextWake === null ? 'nothing is due: it waits for others' : `${when(report.nextWake)}, ${due[0]?.what ?? 'something is due'}`,
    ),
    fact(`Since ${clock(metrics.since).slice(0, 5)}`, metricsText(metrics)),
  ];
}
const LISTED = 20;
const fact = (name: string, text: string): string => `  ${name.padEnd(13)}${text}`;

function metricsText({ commands, refused, actions, unreadable, ticks }: AuditReport['metrics']): string {
  const total = Object.values(commands).reduce((sum, count) => sum + count, 0);
  const busiest = Object.entries(actions)
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([rule, count]) => `${rule} ${count}`);
  return [
    `${many(total, 'command')}, ${refused} refused`,
    `${many(ticks.count, 'look')}, the slowest ${Math.round(ticks.slowestMs)} ms`,
    ...(busiest.length > 0 ? [`changes by ${busiest.join(', ')}`] : []),
    ...(unreadable > 0 ? [`${many(unreadable, 'row')} nobody can read`] : []),
  ].join('; ');
}

/** A bead's life, a line an event. */
export function timelinePage({ id, title, status, events }: BeadTimeline): string {
  const moves = events.map((event) =>
    event.after === null ? '' : event.before === null ? event.after : `${event.before} → ${event.after}`,
  );
  const [types, widths] = [events.map(({ type }) => type.replaceAll('_', ' ')), [0, 0]];
  widths[0] = Math.max(0, ...types.map((type) => type.length));
  widths[1] = Math.max(0, ...moves.map((move) => move.length));
  const lines = events.flatMap((event, at) => [
    `${when(event.at)}  ${types[at]!.padEnd(widths[0]!)}  ${moves[at]!.padEnd(widths[1]!)}  ${plain(event.actor)} (${event.cause})`,
    ...(event.failure ? [`${' '.repeat(21)}${event.failure.code}: ${plain(event.failure.message)}`] : []),
    ...detailsOf(event.data).map((detail) => paint.dim(`${' '.repeat(21)}${plain(detail)}`)),
  ]);
  return [`${id} “${plain(title)}” is ${status.replaceAll('_', ' ')}`, ...lines].join('\n');
}

/** What else an event says, each on its line; the columns that it set among it. */
function detailsOf({ set, ...rest }: BeadTimeline['events'][number]['data']): string[] {
  const said = { ...rest, ...(typeof set === 'object' && set !== null && !Array.isArray(set) ? set : {}) };
  return Object.entries(said).map(([name, value]) => `${name}: ${short(typeof value === 'string' ? value : JSON.stringify(value))}`);
}
/** A long text stands in the ledger by its mark, which ends with its length. */
const MARK = /^#[0-9a-f]+-[0-9a-f]+-(\d+)$/;
const short = (text: string): string => (text.length > 160 ? `${text.slice(0, 160)}…` : text.replace(MARK, 'a text of $1 characters'));
