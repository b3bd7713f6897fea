import type { FailureCode } from '@gastown/protocol';

const BY_ERRNO: Readonly<Record<string, FailureCode>> = {
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  EROFS: 'state_unwritable',
  EIO: 'state_unwritable',
  EMFILE: 'machine_full',
  ENFILE: 'machine_full',
  EAGAIN: 'machine_full',
  ENOMEM: 'machine_full',
};

/** The same as programs say it, in the locale C or by its name. */
const BY_WORDS: readonly (readonly [RegExp, FailureCode])[] = [
  [/no space left on device|disk quota exceeded/i, 'disk_full'],
  [/read-only file system|input\/output error/i, 'state_unwritable'],
  [
    /too many open files|cannot fork|resource temporarily unavailable|cannot allocate memory|\b(?:EMFILE|ENFILE|EAGAIN|ENOMEM)\b/i,
    'machine_full',
  ],
];

/** What the words of a program say of the machine; null: nothing. */
export const machineSays = (words: string): FailureCode | null => BY_WORDS.find(([meant]) => meant.test(words))?.[1] ?? null;

/** The machine is why it broke off, not what was asked of it; null: that is not known. */
export function machineFailed(error: unknown): FailureCode | null {
  if (!(error instanceof Error)) return null;
  return ('code' in error ? BY_ERRNO[String(error.code)] : undefined) ?? machineSays(error.message);
}
