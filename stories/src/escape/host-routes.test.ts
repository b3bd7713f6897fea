import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { HOST_CASE, HOST_ROUTES } from './host-routes.ts';
import { judge } from './judge.ts';

test('an agent tries every route that the Worker has for its launcher (I15)', () => {
  const table = readFileSync(new URL('../../../apps/worker/src/edge/routes.ts', import.meta.url), 'utf8');
  const ofHost = [...table.matchAll(/route\('([A-Z]+)', '([^']+)', 'host'/g)].map(([, method, path]) => `${method} ${path}`);
  expect(table.match(/'host'/g)).toHaveLength(ofHost.length + 1); // and the name of the access itself
  expect(HOST_ROUTES.toSorted()).toEqual(ofHost.toSorted());
});

test('it counts as tried only when each was refused, and one that is not there was not (I15)', () => {
  const output = (status: (route: string) => string): string => {
    const lines = [...HOST_ROUTES, 'POST /host/no-such-route'].map((route) => {
      const rig = /\/(?:import|start)$/.test(route) ? '?rig=r1' : '';
      return `${route.replace(/:[a-z]+/g, 'k3v9')}${rig}: ${status(route)}\n`;
    });
    return `BEGIN host-routes\n${lines.join('')}END host-routes`;
  };
  const refused = (route: string): string => (route.endsWith('no-such-route') ? '404' : '401');
  const judged = (status: (route: string) => string) => judge(HOST_CASE, output(status), { secrets: [], isThere: () => true });
  expect(judged(refused)).toBeNull();
  for (const missing of HOST_ROUTES)
    expect(
      judged((route) => (route === missing ? '404' : refused(route))),
      missing,
    ).toContain('was not tried');
  expect(judged(() => '401')).toContain('was not tried');
});
