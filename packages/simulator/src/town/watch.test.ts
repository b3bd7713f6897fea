import { expect, test } from 'vitest';
import { openScene } from '../scene.ts';
import { created } from '../simulate.ts';
import { openStore } from './store.ts';

test('a bead that is begun by one command of a step and blocked by a later one was not blocked when it was begun (I12)', () => {
  const store = openStore();
  const { world, shell, people, watch } = openScene({ seed: 1, steps: 1, people: 1, browsers: 0, rigs: 1, only: [] }, store, {
    telling: true,
  });
  const ada = people[0]!;
  const step = (act: () => void): void => {
    world.steps += 1;
    act();
    watch.look();
  };
  const ids = (): string[] => store.sql.all(`SELECT id FROM beads WHERE type = 'issue' ORDER BY rowid`).map(({ id }) => String(id));
  step(() => void shell.handle(created(world.plan)));
  step(() => ada.wish({ kind: 'rig.add', name: 'app', gitUrl: '/srv/app.git', gates: ['npm test'] }));
  for (
    let next = world.queue.next();
    next && store.sql.all(`SELECT 1 FROM rigs WHERE state = 'ready'`).length === 0;
    next = world.queue.next()
  ) {
    world.now = next.at;
    step(next.act);
  }
  const rigId = store.sql.all('SELECT id FROM rigs')[0]!.id;
  step(() => ada.wish({ kind: 'bead.create', rigId, title: 'a record that stays open', workKind: 'epic' }));
  const begun = `SELECT b.title, b.blocked, r.state FROM runs r JOIN beads b ON b.id = r.bead_id`;
  expect(() =>
    step(() => {
      ada.wish({ kind: 'bead.create', rigId, title: 'begun' });
      expect(store.sql.all(begun)).toEqual([{ title: 'begun', blocked: 0, state: 'starting' }]);
      const [epic, bead] = ids();
      ada.wish({ kind: 'bead.add_dependency', beadId: bead, dependsOn: epic, type: 'blocks' });
      expect(store.sql.all(begun)).toEqual([{ title: 'begun', blocked: 1, state: 'starting' }]);
    }),
  ).not.toThrow();
  expect(world.story?.at(-1)?.what).toContain('bead.add_dependency');
});
