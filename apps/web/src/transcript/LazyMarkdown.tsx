import { Suspense, lazy } from 'react';
import { PlainText } from './PlainText.tsx';
import { isTangled } from './tangled.ts';
import { Unbroken } from './Unbroken.tsx';

/** Markdown arrives with its own chunk; until then the plain text stands there, so that nothing jumps far. */
const Rich = lazy(() => import('./Markdown.tsx').then((module) => ({ default: module.RichText })));

export function Markdown({ text, live = false }: { text: string; live?: boolean }) {
  const plain = <PlainText text={text} />;
  if (isTangled(text)) return plain;
  return (
    <Unbroken text={text}>
      <Suspense fallback={plain}>
        <Rich text={text} live={live} />
      </Suspense>
    </Unbroken>
  );
}
