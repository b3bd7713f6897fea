import { createContext, use, useEffect, useMemo, useSyncExternalStore } from 'react';
import type { RowOf, TableName, TownRow } from '@gastown/protocol';
import { connectionOf, type Link, type TownConnection } from './connection.ts';
import { selection, shallowEqual, type Replica, type RowId } from './store.ts';

export const TownContext = createContext<TownConnection | null>(null);

export function useConnection(): TownConnection {
  const connection = use(TownContext);
  if (!connection) throw new Error('no town around this component');
  return connection;
}

/** Keeps the town's link open while the component is there. */
export function useTownConnection(town: string): TownConnection {
  const connection = connectionOf(town);
  useEffect(() => connection.use(), [connection]);
  return connection;
}

export function useLink(connection: TownConnection): Link {
  return useSyncExternalStore(
    (listener) => connection.onLink(listener),
    () => connection.link,
  );
}

const nothing = () => () => {};
/** One row; only a change of that row renders. */
export function useRow<T extends TableName>(table: T, id: RowId | null | undefined): RowOf<T> | undefined {
  const { replica } = useConnection();
  const subscribe = useMemo(
    () => (id === null || id === undefined ? nothing : (listener: () => void) => replica.onRow(table, id, listener)),
    [replica, table, id],
  );
  const get = () => (id === null || id === undefined ? undefined : replica.row(table, id));
  return useSyncExternalStore(subscribe, get, get);
}

/** A value computed from whole tables; renders only when the value is not shallowly equal to the last. `deps` are what `select` closes over. */
export function useSelect<R>(tables: readonly TableName[], select: (replica: Replica) => R, deps: readonly unknown[] = []): R {
  const { replica } = useConnection();
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the caller names what its selector reads
  const chosen = useMemo(() => selection(replica, tables, select, shallowEqual), [replica, ...deps]);
  return useSyncExternalStore(chosen.subscribe, chosen.get, chosen.get);
}

export function useTown(): TownRow | undefined {
  return useSelect(['town'], (replica) => [...replica.rows('town').values()][0]);
}

export function useRev(connection: TownConnection): number | null {
  return useSyncExternalStore(
    (listener) => connection.replica.onRev(listener),
    () => connection.replica.rev,
  );
}
