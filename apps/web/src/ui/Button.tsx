import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { cx } from './cx.ts';

const KIND = {
  primary: 'bg-ink text-on-ink hover:opacity-90',
  accent: 'bg-accent-solid text-on-accent hover:opacity-90',
  plain: 'border border-line-strong bg-raised hover:bg-hover shadow-row',
  quiet: 'text-muted hover:bg-hover hover:text-fg',
  danger: 'border border-line-strong bg-raised text-failed hover:bg-failed-wash',
} as const;

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: keyof typeof KIND;
  small?: boolean;
  icon?: ReactNode;
  /** The town has not answered yet: the button says so and takes no second click. */
  pending?: boolean;
}

export const buttonClass = (kind: keyof typeof KIND = 'plain', small = false, extra?: string): string =>
  cx(
    'inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-[background-color,opacity] duration-100 disabled:opacity-50',
    small ? 'h-7 px-2 text-xs' : 'h-8 px-3 text-sm',
    KIND[kind],
    extra,
  );

export function Button({ kind = 'plain', small, icon, pending, children, className, disabled, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={buttonClass(kind, small, className)}
      disabled={disabled || pending}
      aria-busy={pending || undefined}
      {...rest}
    >
      {pending ? <Busy /> : icon}
      {children}
    </button>
  );
}

export function IconButton({ label, children, className, ...rest }: ButtonHTMLAttributes<HTMLButtonElement> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cx(
        'inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted transition-colors duration-100 hover:bg-hover hover:text-fg disabled:opacity-50',
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  );
}

export function Busy() {
  return (
    <svg viewBox="0 0 14 14" width="13" height="13" aria-hidden className="animate-spin">
      <circle cx="7" cy="7" r="5.250" fill="none" stroke="currentColor" strokeWidth="1.600" strokeDasharray="22 11" strokeLinecap="round" />
    </svg>
  );
}
