import type { ReactNode } from 'react';
import { useState } from 'react';
import { Check, Copy } from 'lucide-react';
import { day, exactly, when } from '../format.ts';
import { cx } from './cx.ts';
import { IconButton } from './Button.tsx';

export function At({ at, className, short = false }: { at: number; className?: string; short?: boolean }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={exactly(at)} className={cx('whitespace-nowrap text-faint', className)}>
      {short ? day(at) : when(at)}
    </time>
  );
}

export function Badge({ children, tone = 'plain', title }: { children: ReactNode; tone?: 'plain' | 'accent'; title?: string }) {
  return (
    <span
      title={title}
      className={cx(
        'inline-flex h-5 items-center rounded-full border px-2 text-xs whitespace-nowrap',
        tone === 'accent' ? 'border-transparent bg-accent-wash text-accent' : 'border-line-strong text-muted',
      )}
    >
      {children}
    </span>
  );
}

export function Count({ value, needs = false }: { value: number; needs?: boolean }) {
  if (value === 0) return null;
  return (
    <span
      className={cx(
        'inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-full px-1 text-xs font-medium',
        needs ? 'bg-accent-solid text-on-accent' : 'text-faint',
      )}
    >
      {value}
    </span>
  );
}

/** A titled part of a page: a hairline and a small heading, never a box in a box. */
export function Section({
  title,
  count,
  aside,
  children,
  className,
  id,
}: {
  title: string;
  count?: number;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
  id?: string;
}) {
  return (
    <section aria-label={title} id={id} className={className}>
      <header className="flex h-9 items-center gap-2">
        <h2 className="text-xs font-medium text-muted">{title}</h2>
        {count !== undefined && count > 0 && <span className="text-xs text-faint">{count}</span>}
        <span className="flex-1" />
        {aside}
      </header>
      {children}
    </section>
  );
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  return (
    <IconButton
      label={done ? 'Copied' : label}
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => setDone(true));
      }}
      onBlur={() => setDone(false)}
    >
      {done ? <Check size={15} /> : <Copy size={15} />}
    </IconButton>
  );
}

export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode] | null)[] }) {
  return (
    <dl className="grid grid-cols-[minmax(84px,auto)_1fr] items-baseline gap-x-4 gap-y-1.5 text-sm">
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact[0]} className="contents">
              <dt className="text-muted">{fact[0]}</dt>
              <dd className="min-w-0 [overflow-wrap:anywhere]">{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

export const Mono = ({ children, className }: { children: ReactNode; className?: string }) => (
  <code className={cx('text-xs', className)}>{children}</code>
);
export const Dash = () => <span className="text-faint">—</span>;
