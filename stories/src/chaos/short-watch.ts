import type { RowOf, TableName } from '@gastown/protocol';
import { needsOf } from '@gastown/protocol/needs';
import { filesHolding } from '../secrets.ts';
import { MARKS, type ShortTokens } from './short-tokens.ts';
import type { Seen } from './short-verdict.ts';
import type { World } from './world.ts';

/** What an agent would read of a token that the forge refused, in whatever words. */
const REFUSED =
  /repository_refused|push_refused|refused the credentials|Invalid username or token|Authentication (?:failed|required)|HTTP 401/;

/** Looks at a town while its tokens end. */
export interface Watch {
  /** What came since the last look. */
  look(): void;
  lookAtProcesses(): void;
  seen(tokens: ShortTokens): Seen;
}

export function watch({ house, replica, rigs }: World): Watch {
  const [needs, told, leaks] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const looked = new WeakSet<object>();
  const rows = {
    rows: <T extends TableName>(table: T): ReadonlyMap<string | number, RowOf<T>> =>
      new Map(replica.all(table).map((row) => [row.id, row])),
  };
  const holdsOne = (text: string): boolean => MARKS.some((mark) => text.includes(mark));
  return {
    look() {
      for (const { title, detail } of needsOf(rows)) needs.add(`${title}: ${detail}`);
      for (const request of house.model.requests()) {
        if (looked.has(request)) continue;
        looked.add(request);
        const text = JSON.stringify(request.conversation);
        const heard = REFUSED.exec(text)?.[0];
        if (heard !== undefined) told.add(heard);
        if (holdsOne(text)) leaks.add('a prompt');
      }
    },
    lookAtProcesses() {
      for (const { command } of house.processes()) if (holdsOne(command)) leaks.add(`the arguments of a process: ${command.split(' ')[0]}`);
    },
    seen({ ends }) {
      const log = house.runnerLog();
      const asks = (rigId: string): number =>
        log.split('\n').filter((line) => line.includes('token.refused') && line.includes(rigId)).length;
      return {
        rigs: [...rigs].map(([name, rigId]) => ({ name, ends: ends.get(rigId)!, asks: asks(rigId) })),
        needs: [...needs],
        told: [...told],
        leaks: [...leaks, ...filesHolding(house, MARKS), ...(holdsOne(house.logs()) ? ['what the launcher said'] : [])],
      };
    },
  };
}
