import type { TownConnection } from './replica/connection.ts';
import type { Replica } from './replica/store.ts';

/**
 * Calls `look` when the lines that imports could not take may be others than before: the feed tells a newer change of them, or the link is back and the feed may
 * have missed one. The feed keeps its newest events only: that it tells none any more is no news.
 */
export function onBadLines(connection: TownConnection, look: () => void): () => void {
  const { replica } = connection;
  let seen = newestOf(replica);
  const leave = replica.onTables(['events'], () => {
    const newest = newestOf(replica);
    if (newest === 0 || newest === seen) return;
    seen = newest;
    look();
  });
  const hangUp = connection.onLink(() => {
    if (connection.link.state === 'live') look();
  });
  return () => {
    leave();
    hangUp();
  };
}

const newestOf = (replica: Replica): number =>
  [...replica.rows('events').values()].reduce((newest, { id, type }) => (type.startsWith('lines_') ? Math.max(newest, id) : newest), 0);
