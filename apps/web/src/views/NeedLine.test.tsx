import { PermissionRow } from '@gastown/protocol';
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from '@tanstack/react-router';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { need, type Need } from '@gastown/protocol/needs';
import { TownConnection } from '../replica/connection.ts';
import { TownContext } from '../replica/hooks.ts';
import { TownIdContext } from '../shell/town-id.ts';
import { NeedLine } from './NeedLine.tsx';

/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../ui-state.ts', () => ({ useUi: () => ({}) }));

const plain = { id: 'n', title: 'Add X', at: 0, weight: 1, holds: 'bead', opens: { drawer: { kind: 'bead', id: 'gt-1' } } } as const;
function shown(one: Need, compact = true): string {
  const router = createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() });
  return renderToStaticMarkup(
    <RouterContextProvider router={router}>
      <TownIdContext value="t">
        <TownContext value={new TownConnection('t')}>
          <NeedLine need={one} compact={compact} />
        </TownContext>
      </TownIdContext>
    </RouterContextProvider>,
  );
}
const long = `The gates failed: ${'test after test, '.repeat(12)}and the last one.`;

test('beside the chat a need says why it waits: its beginning, which opens to all of it, with a link to what waits (I8, ui.md §1.4)', () => {
  const html = shown(need({ ...plain, detail: long, more: ['Maple failed 5 times.'] }));
  expect(html).toMatch(/<a [^>]*data-object="bead:gt-1"[^>]*><span[^>]*title="Add X"/);
  expect(html).toMatch(/<details[^>]*><summary[^>]*title="[^"]*and the last one\.\nMaple failed 5 times\."/);
  expect(html).toMatch(/<summary.*and the last one\..*<\/summary>.*Maple failed 5 times\..*<\/details>/s);
});

test('what an agent wants exactly can be read there too, before it is allowed (I19)', () => {
  const permission = PermissionRow.parse({
    id: 'pm-000000000001',
    runId: 'run-000000000001',
    agentId: 'ag-00000001',
    beadId: null,
    rigId: null,
    category: 'commands',
    title: 'npm publish',
    detail: 'cd cart && npm publish',
    askedAt: 1,
    until: 2,
    answeredAt: null,
    answeredBy: null,
    decision: null,
    reason: null,
  });
  expect(shown(need({ ...plain, detail: 'It asks to run a command.', permission }))).toMatch(
    /<details.*It asks to run a command\..*cd cart &amp;&amp; npm publish.*<\/details>/s,
  );
});

test('a reason that fits needs no press; a whole page shows all of it at once', () => {
  const short = shown(need({ ...plain, detail: 'Not started.' }));
  expect(short).toContain('>Not started.</p>');
  expect(short).not.toContain('<details');
  const whole = shown(need({ ...plain, detail: long, more: ['Maple failed 5 times.'] }), false);
  expect(whole).toMatch(/and the last one\.<\/p><p[^>]*>Maple failed 5 times\./);
  expect(whole).not.toContain('<details');
});
