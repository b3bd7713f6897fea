import { readFileSync } from 'node:fs';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { Composer } from '../transcript/Composer.tsx';
import { TouchKeys } from '../terminal/TouchKeys.tsx';
import { Page } from '../ui/Page.tsx';
import { Toasts } from './Toasts.tsx';

const { given } = vi.hoisted(() => ({ given: [] as Record<string, unknown>[] }));
vi.mock('sonner', () => ({
  Toaster: (props: Record<string, unknown>) => {
    given.push(props);
    return null;
  },
}));
/** It reads what the browser keeps when it is loaded; there is no browser here. */
vi.mock('../ui-state.ts', () => ({ useUi: () => 'light' }));

const css = readFileSync(new URL('../styles.css', import.meta.url), 'utf8');

test('toasts stand at the bottom on every screen, as high as what is fixed below them asks for (UI-19)', () => {
  renderToStaticMarkup(<Toasts />);
  expect(given).toMatchObject([
    { position: 'bottom-right', offset: { bottom: 'var(--toast-bottom)' }, mobileOffset: { bottom: 'var(--toast-bottom)' } },
  ]);
  expect(css).toMatch(/--toast-bottom: calc\(16px \+ var\(--toast-places\) \+ var\(--toast-foot\)\)/);
  expect(css).toMatch(/:root:has\(\[data-foot\]\) \{\s*--toast-foot: 64px;/);
});

test('what a person types into at the bottom is a foot that they stand above', () => {
  expect(
    renderToStaticMarkup(<Composer label="Tell the Mayor" onSend={() => Promise.resolve(true)} pending={false} refusal={null} />),
  ).toContain('data-foot');
  const suggesting = (
    <Composer label="Tell the Mayor" onSend={() => Promise.resolve(true)} pending={false} refusal={null} suggestions={['x']} />
  );
  expect(renderToStaticMarkup(suggesting)).toContain('data-suggests');
  expect(css).toMatch(/:root:has\(\[data-suggests\]\) \{\s*--toast-foot: 240px;/);
  expect(renderToStaticMarkup(<TouchKeys disabled={false} onKeys={() => {}} />)).toContain('data-foot');
});

test('what lies under them scrolls, with room at its end, so that the last of it can be moved away', () => {
  expect(renderToStaticMarkup(<Page title="Mail">x</Page>)).toMatch(/^<div class="[^"]*\btoast-room\b/);
  expect(css).toMatch(/\.toast-room \{\s*padding-bottom: 112px;/);
});
