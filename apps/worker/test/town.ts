import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { command, newTown, signIn } from './client.ts';
import type { Client, Frame } from './sockets.ts';

/** One town through the whole Worker, and what can be seen of its object from inside. */
type Stub = DurableObjectStub;
export const stubOf = (townId: string) => env.TOWN.get(env.TOWN.idFromName(townId)) as unknown as Stub;
export const storageOf = <T>(townId: string, look: (state: DurableObjectState) => T | Promise<T>): Promise<T> =>
  runInDurableObject(stubOf(townId), (_object, state) => look(state));
export const alarmOf = (townId: string) => storageOf(townId, (state) => state.storage.getAlarm());
export const hostCalls = async (): Promise<{ url: string; method: string; body: string }[]> =>
  (await fetch('http://provider.test/seen/host.test')).json();
export const putIn = (frame: Frame, table: string) =>
  (frame as unknown as { put: Record<string, Record<string, unknown>[] | undefined> }).put[table] ?? [];

export async function town() {
  const cookie = await signIn();
  const { id, name } = await newTown(cookie);
  return { id, name, cookie };
}
export const addRig = (cookie: string, id: string, name = 'api') =>
  command(cookie, id, {
    kind: 'rig.add',
    name,
    gitUrl: `https://example.com/${name}.git`,
    token: 'ghp_the_token_of_the_rig',
    gates: ['npm test'],
  });
export const effectOf = (runner: Client, kind: string) =>
  runner.until((frame) => frame.t === 'effect' && (frame.effect as { kind: string }).kind === kind);

export function tablesOf({ storage }: DurableObjectState): string[] {
  const rows = storage.sql
    .exec<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'",
    )
    .toArray();
  return rows.map(({ name }) => name);
}
export function everyRow(state: DurableObjectState): unknown[] {
  return [tablesOf(state).map((table) => state.storage.sql.exec(`SELECT * FROM "${table}"`).toArray()), [...state.storage.kv.list()]];
}

/** From now on this change of a table breaks whoever makes it. */
export const poison = (id: string, when: string, says = 'poisoned') =>
  storageOf(id, (state) => void state.storage.sql.exec(`CREATE TRIGGER poison ${when} BEGIN SELECT RAISE(ABORT, '${says}'); END`));
export const cured = (id: string) => storageOf(id, (state) => void state.storage.sql.exec('DROP TRIGGER poison'));
