import {
  useEffect,
  useId,
  useRef,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react';
import type { Refusal } from '../commands/use-command.ts';
import { cx } from './cx.ts';

const BOX =
  'w-full rounded-md border border-line-strong bg-raised px-2.5 text-sm text-fg transition-colors duration-100 hover:border-faint/60 focus:border-focus focus-visible:outline-1 disabled:opacity-60 read-only:bg-sunken max-sm:text-[16px]';

interface Labelled {
  label: string;
  hint?: ReactNode;
  hideLabel?: boolean;
}

function Wrap({ id, label, hint, hideLabel, children }: Labelled & { id: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'label'}>
        {label}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-faint">
          {hint}
        </p>
      )}
    </div>
  );
}

/** `first` takes the focus when it appears: for the one field that a form or dialog begins with. */
export function Input({
  label,
  hint,
  hideLabel,
  className,
  first = false,
  ...rest
}: Labelled & { first?: boolean } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (first) field.current?.focus();
  }, [first]);
  return (
    <Wrap {...{ id, label, hint, hideLabel }}>
      <input
        ref={field}
        id={id}
        data-first={first || undefined}
        aria-describedby={hint ? `${id}-hint` : undefined}
        autoComplete="off"
        className={cx(BOX, 'h-8', className)}
        {...rest}
      />
    </Wrap>
  );
}

export function TextArea({ label, hint, hideLabel, className, ...rest }: Labelled & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <Wrap {...{ id, label, hint, hideLabel }}>
      <textarea
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className={cx(BOX, 'min-h-20 resize-y py-1.5', className)}
        {...rest}
      />
    </Wrap>
  );
}

export function Select({ label, hint, hideLabel, className, children, ...rest }: Labelled & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Wrap {...{ id, label, hint, hideLabel }}>
      <select id={id} aria-describedby={hint ? `${id}-hint` : undefined} className={cx(BOX, 'chevron h-8 pr-7', className)} {...rest}>
        {children}
      </select>
    </Wrap>
  );
}

/** A select that reads as text until it is touched: for fields among facts. */
export function QuietSelect({ label, className, children, ...rest }: { label: string } & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <select
      aria-label={label}
      className={cx(
        'chevron field-sizing-content -mx-1.5 h-6 max-w-full rounded-md bg-transparent pr-6 pl-1.5 text-sm hover:bg-hover',
        className,
      )}
      {...rest}
    >
      {children}
    </select>
  );
}

/** What the town refused, and what to do about it, beside the control that asked. */
/** `next`: what to do, where it is not what the refusal says of itself. */
export function RefusalNote({ refusal, next }: { refusal: Refusal | null; next?: ReactNode }) {
  if (!refusal) return null;
  return (
    <div role="alert" className="fade rounded-md bg-failed-wash px-3 py-2 text-sm">
      <p className="text-failed">{refusal.message}</p>
      <p className="text-muted">
        {next ?? refusal.next} <code className="text-xs text-muted">{refusal.code}</code>
      </p>
    </div>
  );
}
