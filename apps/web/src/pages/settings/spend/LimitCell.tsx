import { type LimitRow, type SpendLevel, money } from '@gastown/protocol';
import { useRef, useState } from 'react';
import { useCommand } from '../../../commands/use-command.ts';
import { dollarsOf, microsOf } from '../../../spending.ts';
import { cx } from '../../../ui/cx.ts';

/** One limit, edited where it stands: Enter or leaving the field saves, Escape leaves it as it was. The town's answer is shown, not a guess. */
export function LimitCell({
  kind,
  level,
  id,
  name,
  limit,
  each,
  open = false,
  left: onLeft = false,
}: {
  kind: 'soft' | 'hard';
  level: SpendLevel;
  id: string;
  name: string;
  limit: LimitRow | undefined;
  each?: LimitRow | undefined;
  open?: boolean;
  /** Among facts it stands at the left. */
  left?: boolean;
}) {
  const field = kind === 'soft' ? 'softMicros' : 'hardMicros';
  const now = limit?.[field] ?? null;
  const inherited = limit ? null : (each?.[field] ?? null);
  const [text, setText] = useState<string | null>(open ? dollarsOf(now) : null);
  const { run, pending } = useCommand();
  const left = useRef(false);
  const label = `${kind === 'soft' ? 'Soft' : 'Hard'} limit of ${name}`;
  const save = async (typed: string) => {
    const micros = microsOf(typed);
    if (micros === undefined) return;
    if (micros !== now) await run({ kind: 'spend.limit', level, ...(level !== 'town' && { id }), [field]: micros }, 'Limit set');
    setText(null);
  };
  if (text === null)
    return (
      <button
        type="button"
        aria-label={`${label}: ${now !== null ? money(now) : inherited !== null ? `${money(inherited)}, as for each` : 'none'}. ${now === null && inherited === null ? 'Set a limit' : 'Change'}`}
        onClick={() => {
          left.current = false;
          setText(dollarsOf(now));
        }}
        className={cx(
          'tnum inline-flex h-6 items-center rounded-md px-1.5 hover:bg-active',
          onLeft ? '-ml-1.5' : '-mr-1.5 min-w-12 justify-end',
          'underline decoration-line-strong decoration-dotted underline-offset-3',
          now === null && 'text-faint',
          now === null && inherited === null && 'whitespace-nowrap',
        )}
      >
        {now !== null ? money(now) : inherited !== null ? money(inherited) : <SetOne />}
      </button>
    );
  const wrong = microsOf(text) === undefined;
  return (
    <>
      <span className={cx('inline-flex items-center gap-1 whitespace-nowrap', !onLeft && 'justify-end')}>
        <span aria-hidden className="text-faint">
          $
        </span>
        <input
          ref={focusOnce}
          aria-label={`${label} in dollars`}
          aria-invalid={wrong || undefined}
          inputMode="decimal"
          disabled={pending}
          value={text}
          placeholder="no limit"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') {
              event.preventDefault();
              left.current = true;
              void save(text);
            }
            if (event.key === 'Escape') {
              event.preventDefault();
              left.current = true;
              setText(null);
            }
          }}
          onBlur={() => {
            if (!left.current) void save(text);
          }}
          className={cx(
            'tnum -my-0.5 h-6 w-20 rounded-md border border-focus bg-raised px-1.5 text-sm aria-invalid:border-failed max-sm:text-[16px]',
            onLeft ? '' : '-mr-0.5 text-right',
          )}
        />
      </span>
      {wrong && (
        <span role="alert" className="mt-1.5 block text-xs whitespace-nowrap text-failed">
          Dollars, such as 2.50
        </span>
      )}
    </>
  );
}

const SetOne = () => (
  <span>
    Set<span className="max-sm:hidden"> a limit</span>
  </span>
);

const focusOnce = (input: HTMLInputElement | null) => {
  if (input && !input.dataset['seen']) {
    input.dataset['seen'] = '1';
    input.focus();
    input.select();
  }
};
