import type { EscalationRow, TriageRow } from '../index.ts';
import { agentName, need, type Need, type Rows } from './need.ts';

const RESTARTS = 'restarts:';

/** What the town watches of itself (PT-13). It tells of other needs and holds nothing; a provider that wants no calls holds all, and is no alert here. */
export const isAlert = ({ topic }: Pick<EscalationRow, 'topic'>): boolean => topic !== null && topic !== 'model';
/** A patrol asks about the same agent. */
export const isToldBy = ({ topic }: EscalationRow, triage: readonly TriageRow[]): boolean =>
  triage.some(({ agentId }) => topic === RESTARTS + agentId);

/** Each alert that no other need tells of; agents that were started again and again are one. */
export function alerts(replica: Rows): Need[] {
  const triage = [...replica.rows('triage').values()].filter((row) => row.resolvedAt === null);
  const open = [...replica.rows('escalations').values()].filter(
    (row) => isAlert(row) && row.acknowledgedAt === null && !isToldBy(row, triage),
  );
  const restarts = open.filter(({ topic }) => topic?.startsWith(RESTARTS)).toSorted((a, b) => b.createdAt - a.createdAt);
  return [
    ...open.filter((row) => !restarts.includes(row)).map((row) => ofAlerts('The town asks', row, [])),
    ...(restarts.length > 0 ? [ofRestarts(replica, restarts[0]!, restarts.slice(1))] : []),
  ];
}

const ofRestarts = (replica: Rows, newest: EscalationRow, others: readonly EscalationRow[]): Need =>
  others.length === 0
    ? { ...ofAlerts(agentName(replica, newest.agentId) ?? 'An agent', newest, []), ...agentOf(newest) }
    : ofAlerts(`${others.length + 1} agents were started again and again`, newest, others);
const agentOf = ({ agentId }: EscalationRow): Partial<Pick<Need, 'opens'>> =>
  agentId === null ? {} : { opens: { drawer: { kind: 'agent', id: agentId } } };

const ofAlerts = (title: string, row: EscalationRow, others: readonly EscalationRow[]): Need =>
  need({
    id: row.id,
    title,
    detail: row.message,
    more: others.map(({ message }) => message),
    at: row.createdAt,
    weight: 0,
    holds: 'nothing',
    opens: { settings: 'health', word: 'Town health' },
    escalation: row,
    alsoAcknowledges: others,
  });
