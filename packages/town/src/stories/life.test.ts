import { describe, expect, test } from 'vitest';
import { scriptedRunner, testTown } from '../testing.ts';

describe('the life of a bead', () => {
  test('a bead goes from created to landed, and the town rests afterwards (ST-4, ST-5, P7)', () => {
    const town = testTown();
    const runner = scriptedRunner(town);
    const { rigId } = town.must<{ rigId: never }>({ kind: 'rig.add', name: 'app', gitUrl: 'https://example.test/app.git' });
    runner.work();
    const { beadId } = town.must<{ beadId: never }>({ kind: 'bead.create', rigId, title: 'Add X' });
    runner.work();
    const rows = town.rows();
    const bead = rows.beads.find((row) => row.id === beadId);
    expect(bead).toMatchObject({ status: 'closed', wait: null });
    expect(bead?.landedCommit).toMatch(/^[0-9a-f]{40}$/);
    expect(rows.merges).toMatchObject([{ phase: 'landed', beadId }]);
    town.sleep(600_000, () => runner.work());
    expect(town.town.nextWake()).toBeNull();
    expect(town.rows().town[0]?.container.state).toBe('stopped');
  });
});
