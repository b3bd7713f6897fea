import type { DryRunReport, DryRunStep } from '@gastown/protocol';
import type { Moment, Sql } from '../api.ts';
import { takeDue } from '../effects/take.ts';
import { handle } from '../handle.ts';
import { remembering } from '../remembering.ts';
import { openTx } from '../tx.ts';
import { nextWake } from '../wake.ts';
import { changesSince, see } from './looking.ts';
import { reasonOf } from './rules.ts';

export type Preview = Omit<DryRunReport, 'broken'>;

/**
 * What the town would do if it woke now, told by rule (RC-23). It does all of it, in the caller's transaction, which the caller must undo: what it
 * would hand out is only named here, so nothing can leave.
 */
export function preview(sql: Sql, moment: Moment, without: ReadonlySet<string>): Preview {
  const turn = remembering(sql);
  const steps: DryRunStep[] = [];
  let before = see(turn);
  const note = (rule: string, changes: number): void => {
    const after = see(turn);
    const found = changesSince(turn, before, after);
    before = after;
    const lines = found.length > 0 ? found : [{ what: `${changes} ${changes === 1 ? 'row is' : 'rows are'} shown anew`, subject: null }];
    steps.push(...lines.map((line) => ({ rule, why: reasonOf(rule), ...line })));
  };
  handle(turn, { key: null, actor: { kind: 'town' }, command: { kind: 'wake' } }, moment, { without, ruled: note });
  const due = takeDue(openTx(turn, moment, { kind: 'town' }, 'take'));
  return {
    steps,
    effects: due.map(({ effectId, target, effect }) => ({ id: effectId, kind: effect.kind, target })),
    nextWake: nextWake(turn),
  };
}
