import { useState, type ReactNode } from 'react';
import { Button } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { isLong } from './is-long.ts';

/** A long text, its beginning first: what stands under it is not pages away. Whoever moves into what is folded unfolds it. */
export function Folded({ text, children }: { text: string; children: ReactNode }) {
  const [all, setAll] = useState(false);
  if (!isLong(text)) return children;
  return (
    <div className="flex flex-col items-start gap-2">
      <div
        className={cx('w-full', !all && 'max-h-[56rem] overflow-hidden [mask-image:linear-gradient(black_calc(100%-6rem),transparent)]')}
        onFocus={() => setAll(true)}
      >
        {children}
      </div>
      <Button small aria-expanded={all} onClick={() => setAll(!all)}>
        {all ? 'Show less' : 'Show all'}
      </Button>
    </div>
  );
}
