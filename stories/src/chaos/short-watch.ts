import { filesHolding } from '../secrets.ts';
import { needsIn } from './needs.ts';
import { MARKS, type ShortTokens } from './short-tokens.ts';
import type { Seen } from './short-verdict.ts';
import type { World } from './world.ts';

/** What an agent would read of a token that the forge refused, in whatever words. */
const REFUSED =
  /repository_refused|push_refused|refused the credentials|Invalid username or token|Authentication (?:failed|required)|HTTP 401/;

/** As tools of the town refuse, and as the agent tells of one that did not answer. */
const UNDONE = /^(?:Refused \(|The tool failed)/;

/** Looks at a town while its tokens end. */
export interface Watch {
  /** What came since the last look. */
  look(): void;
  lookAtProcesses(): void;
  seen(tokens: ShortTokens): Seen;
  /** What tools refused to agents, for whoever asks why a town is stuck. */
  refusals(): readonly string[];
}

export function watch({ house, replica, rigs }: World): Watch {
  const [needs, told, leaks, refusals] = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()];
  const looked = new WeakSet<object>();
  const holdsOne = (text: string): boolean => MARKS.some((mark) => text.includes(mark));
  return {
    look() {
      for (const { title, detail } of needsIn({ replica })) needs.add(`${title}: ${detail}`);
      for (const request of house.model.requests()) {
        if (looked.has(request)) continue;
        looked.add(request);
        const text = JSON.stringify(request.conversation);
        const heard = REFUSED.exec(text)?.[0];
        if (heard !== undefined) told.add(heard);
        if (holdsOne(text)) leaks.add('a prompt');
        for (const turn of request.conversation.turns)
          if (turn.role === 'tool' && UNDONE.test(turn.text)) refusals.add(`${turn.tool}: ${turn.text}`);
      }
    },
    lookAtProcesses() {
      for (const { command } of house.processes()) if (holdsOne(command)) leaks.add(`the arguments of a process: ${command.split(' ')[0]}`);
    },
    refusals: () => [...refusals],
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
