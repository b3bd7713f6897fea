import { PermissionRow } from '@gastown/protocol';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { TownIdContext } from '../shell/town-id.ts';
import { AskButtons } from './AskCard.tsx';

function buttonsOf(category: PermissionRow['category'], title: string): string[] {
  const asked = PermissionRow.parse({
    id: 'pm-000000000001',
    runId: 'run-000000000001',
    agentId: 'ag-00000001',
    beadId: null,
    rigId: null,
    category,
    title,
    detail: '',
    askedAt: 1,
    until: 2,
    answeredAt: null,
    answeredBy: null,
    decision: null,
    reason: null,
  });
  const html = renderToStaticMarkup(
    <TownIdContext value="t">
      <AskButtons asked={asked} />
    </TownIdContext>,
  );
  return [...html.matchAll(/<button[^>]*>([^<]*)/g)].map(([, words]) => words!);
}

test('a button that allows a whole site names it; any other allows the very same again', () => {
  expect(buttonsOf('web', 'https://example.org/one?two')).toEqual([
    'Allow once',
    'Allow anything at https://example.org for this run',
    'Deny',
  ]);
  expect(buttonsOf('web', 'how to use vitest')).toEqual(['Allow once', 'Allow for this run', 'Deny']);
  expect(buttonsOf('commands', 'curl https://example.org/')).toEqual(['Allow once', 'Allow for this run', 'Deny']);
});
