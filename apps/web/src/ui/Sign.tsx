import type { Signal } from '@gastown/protocol';
import type { Sign } from '../signal.ts';
import { cx } from './cx.ts';

const TONE: Record<Signal, string> = {
  working: 'text-working',
  waiting_for_you: 'text-accent',
  idle: 'text-idle',
  queued: 'text-queued',
  failed: 'text-failed',
  stalled: 'text-stalled',
};

/** Each state has its own shape, so that the page reads the same in greyscale. */
function shape(sign: Sign) {
  if (sign.done)
    return (
      <>
        <circle cx="7" cy="7" r="6" fill="currentColor" opacity="0.16" />
        <path
          d="m4.300 7.200 1.900 1.900 3.600-3.900"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.500"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </>
    );
  switch (sign.signal) {
    case 'working':
      return (
        <>
          <circle cx="7" cy="7" r="5.250" fill="none" stroke="currentColor" strokeWidth="1.500" />
          <path d="M7 4a3 3 0 0 1 0 6z" fill="currentColor" />
        </>
      );
    case 'waiting_for_you':
      return <path d="M7 .8 13.200 7 7 13.200.8 7z" fill="currentColor" />;
    case 'idle':
      return <circle cx="7" cy="7" r="5.250" fill="none" stroke="currentColor" strokeWidth="1.500" />;
    case 'queued':
      return <circle cx="7" cy="7" r="5.250" fill="none" stroke="currentColor" strokeWidth="1.500" strokeDasharray="2.100 1.650" />;
    case 'failed':
      return (
        <>
          <circle cx="7" cy="7" r="6" fill="currentColor" />
          <path d="m4.900 4.900 4.200 4.200m0-4.200L4.900 9.100" stroke="var(--bg)" strokeWidth="1.500" strokeLinecap="round" />
        </>
      );
    case 'stalled':
      return (
        <>
          <path d="M7 1.300 13 12.200H1z" fill="none" stroke="currentColor" strokeWidth="1.500" strokeLinejoin="round" />
          <path d="M7 5.500v3m0 1.700v.1" stroke="currentColor" strokeWidth="1.500" strokeLinecap="round" />
        </>
      );
  }
}

/** The glyph alone carries its word for those who do not see it. */
export function Glyph({ sign, silent = false, className }: { sign: Sign; silent?: boolean; className?: string }) {
  return (
    <svg
      viewBox="0 0 14 14"
      width="14"
      height="14"
      data-sign={sign.word}
      className={cx('shrink-0', TONE[sign.signal], className)}
      {...(silent ? { 'aria-hidden': true } : { role: 'img', 'aria-label': sign.word })}
    >
      {!silent && <title>{sign.word}</title>}
      {shape(sign)}
    </svg>
  );
}

export function SignWord({ sign, className }: { sign: Sign; className?: string }) {
  return (
    <span className={cx('inline-flex items-center gap-1.5 whitespace-nowrap', className)}>
      <Glyph sign={sign} silent />
      <span className={TONE[sign.signal]}>{sign.word}</span>
    </span>
  );
}
