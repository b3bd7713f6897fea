import type { AgentId, RigId, Role } from '@gastown/protocol';
import type { Sql, SqlValue } from '../api.ts';
import { assignments, first, flag, idList, int, intOrNull, list, one, text, textOrNull, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

export interface Agent {
  readonly id: AgentId;
  readonly name: string;
  readonly role: Role;
  readonly identity: string;
  readonly rigId: RigId | null;
  readonly createdAt: number;
  readonly failures: number;
  readonly retryAt: number | null;
  readonly retiredAt: number | null;
  readonly paused: boolean;
}

const toAgent = (row: Row): Agent => ({
  id: text(row, 'id') as AgentId,
  name: text(row, 'name'),
  role: text(row, 'role') as Role,
  identity: text(row, 'identity'),
  rigId: textOrNull(row, 'rig_id') as RigId | null,
  createdAt: int(row, 'created_at'),
  failures: int(row, 'failures'),
  retryAt: intOrNull(row, 'retry_at'),
  retiredAt: intOrNull(row, 'retired_at'),
  paused: flag(row, 'paused'),
});

export const findAgent = (sql: Sql, id: string): Agent | null => one(sql, toAgent, 'SELECT * FROM agents WHERE id = ?', id);
export const allAgents = (sql: Sql): Agent[] => list(sql, toAgent, 'SELECT * FROM agents');
/** Those that can still be given work: names are theirs alone. */
export const liveAgents = (sql: Sql): Agent[] => list(sql, toAgent, 'SELECT * FROM agents WHERE retired_at IS NULL');
export const newestRetired = (sql: Sql, limit: number): Agent[] =>
  list(sql, toAgent, 'SELECT * FROM agents WHERE retired_at IS NOT NULL ORDER BY retired_at DESC, id LIMIT ?', limit);
/** Of the rows themselves: an agent whose row cannot be read has a stream all the same. */
export const agentIds = (sql: Sql): AgentId[] => sql.all('SELECT id FROM agents').map((row) => text(row, 'id') as AgentId);
export const agentExists = (sql: Sql, id: string): boolean => first(sql, 'SELECT 1 FROM agents WHERE id = ?', id) !== undefined;
export const agentsById = (sql: Sql, ids: Iterable<string>): Agent[] =>
  list(sql, toAgent, 'SELECT * FROM agents WHERE id IN (SELECT value FROM json_each(?))', idList(ids));

export const MAYOR_NAME = 'Mayor';
/** The Mayor of the town; made with it, so it is always there. */
export function theMayor(sql: Sql): Agent {
  const row = first(sql, 'SELECT * FROM agents WHERE name = ? AND retired_at IS NULL', MAYOR_NAME);
  if (!row) throw new Error('the town has no Mayor');
  return toAgent(row);
}

export function insertAgent(tx: Tx, agent: Omit<Agent, 'createdAt' | 'failures' | 'retryAt' | 'retiredAt' | 'paused'>): void {
  tx.sql.run(
    'INSERT INTO agents (id, name, role, identity, rig_id, created_at) VALUES (?,?,?,?,?,?)',
    agent.id,
    agent.name,
    agent.role,
    agent.identity,
    agent.rigId,
    tx.now,
  );
  touch(tx, 'agents', agent.id);
}

export function updateAgent(tx: Tx, id: string, patch: Partial<Record<'failures' | 'retry_at' | 'retired_at' | 'paused', SqlValue>>): void {
  const { set, values } = assignments(patch as Record<string, SqlValue>);
  tx.sql.run(`UPDATE agents SET ${set} WHERE id = ?`, ...values, id);
  touch(tx, 'agents', id);
}
