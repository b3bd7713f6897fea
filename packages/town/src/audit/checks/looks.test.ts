import { describe, expect, test } from 'vitest';
import { checkInvariants } from '../../invariants.ts';
import { story } from '../../testing.ts';

describe('I10 sees a rig that is away and does not say when it is looked at again', () => {
  const away = (toldIn: number | null, ...plan: string[]) => {
    const { town } = story();
    const at = toldIn === null ? 'NULL' : `$now + ${toldIn}`;
    for (const damage of [`UPDATE rigs SET state = 'unreachable', looks_again_at = ${at}`, ...plan])
      town.sql.run(damage.replaceAll('$now', String(town.now)));
    return checkInvariants(town.sql, town.now)
      .filter(({ message }) => message.includes('its outbox has'))
      .map(({ invariant }) => invariant);
  };
  const planned = (state: string, dueIn: number) =>
    `INSERT INTO outbox (id, kind, target, subject, runner_id, state, due_at, created_at)
     SELECT 'ef-look', 'rig.connect', 'rig:' || id, id, NULL, '${state}', $now + ${dueIn}, $now FROM rigs`;

  test('nothing is planned, and a look is told', () => {
    expect(away(9)).toEqual(['I10']);
    expect(away(9, planned('parked', 9))).toEqual(['I10']);
    expect(away(null)).toEqual([]);
    expect(away(null, planned('parked', 9))).toEqual([]);
  });
  test('a look is planned, and none is told or another', () => {
    expect(away(null, planned('pending', 9))).toEqual(['I10']);
    expect(away(8, planned('pending', 9))).toEqual(['I10']);
    expect(away(-8, planned('pending', 9))).toEqual(['I10']);
    expect(away(9, planned('pending', 9))).toEqual([]);
    expect(away(-8, planned('pending', -9))).toEqual([]);
  });
  test('it is being looked at', () => {
    expect(away(null, planned('sent', 9))).toEqual(['I10']);
    expect(away(-8, planned('sent', 9))).toEqual([]);
  });
});
