import type { ReactNode } from 'react';
import { cx } from './cx.ts';

export function Page({ title, aside, children, wide = false }: { title: string; aside?: ReactNode; children: ReactNode; wide?: boolean }) {
  return (
    <div className={cx('flex w-full flex-col toast-room px-4 sm:px-6', !wide && 'mx-auto max-w-4xl')} data-page>
      <header className="flex min-h-14 flex-wrap items-center gap-2 py-2.5">
        <h1 className="text-base font-semibold">{title}</h1>
        <span className="flex-1" />
        {aside}
      </header>
      {children}
    </div>
  );
}
