import type { Sql } from '../api.ts';
import { first, flag, int, json, textOrNull } from '../sql.ts';
import type { Tx } from '../tx.ts';

export interface Link {
  readonly instance: string | null;
  readonly connected: boolean;
  readonly seq: number;
  readonly agentKinds: string[];
}

export function readLink(sql: Sql): Link {
  const row = first(sql, 'SELECT * FROM links WHERE id = 1');
  if (!row) throw new Error('the link row is missing');
  return {
    instance: textOrNull(row, 'instance'),
    connected: flag(row, 'connected'),
    seq: int(row, 'seq'),
    agentKinds: json<string[]>(row, 'agent_kinds'),
  };
}

export const setLink = (tx: Tx, link: Link): void => {
  tx.sql.run(
    'UPDATE links SET instance = ?, connected = ?, seq = ?, agent_kinds = ? WHERE id = 1',
    link.instance,
    link.connected ? 1 : 0,
    link.seq,
    JSON.stringify(link.agentKinds),
  );
};

export const setSeq = (tx: Tx, seq: number): void => {
  tx.sql.run('UPDATE links SET seq = ? WHERE id = 1', seq);
};
