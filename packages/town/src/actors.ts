import { findAgent } from './agents/store.ts';
import type { Tx } from './tx.ts';

/** How the one who acts is written on what they made: a person's name, an agent's identity (AG-5). */
export function actorLabel(tx: Tx): string {
  const { actor } = tx;
  if (actor.kind === 'person') return actor.name;
  if (actor.kind === 'agent') return findAgent(tx.sql, actor.id)?.identity ?? actor.id;
  return actor.kind;
}
