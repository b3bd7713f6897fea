import { isCode } from './proc-file.ts';

/** What is not there is `absent`; what cannot be looked at is an error. */
export const unlessMissing = <T>(look: Promise<T>, absent: T): Promise<T> =>
  look.catch((cause: unknown) => {
    if (isCode(cause, ['ENOENT'])) return absent;
    throw cause;
  });
