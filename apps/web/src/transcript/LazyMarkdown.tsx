import { Suspense, lazy } from 'react';

/** Markdown arrives with its own chunk; until then the plain text stands there, so that nothing jumps far. */
const Rich = lazy(() => import('./Markdown.tsx').then((module) => ({ default: module.RichText })));

export function Markdown({ text, live = false }: { text: string; live?: boolean }) {
  return (
    <Suspense fallback={<div className="md whitespace-pre-wrap">{text}</div>}>
      <Rich text={text} live={live} />
    </Suspense>
  );
}
