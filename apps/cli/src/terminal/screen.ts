/** All that commands say in the terminal goes through here, so that nothing that comes from elsewhere acts on it. */
import { nextStep } from '@gastown/protocol';
import type { Failure } from '@gastown/protocol';
import { paint, painted } from './paint.ts';
import { plainJson } from './plain.ts';

export interface Screen {
  say(text: string): void;
  /** The result for a program: one line of JSON. */
  json(value: unknown): void;
  /** Beside the result, for people. */
  note(text: string): void;
  /** Something went wrong that does not end the command. */
  warn(text: string): void;
  /** Why the command ends: `code: sentence`, and what to do next. */
  fail(failure: Failure): void;
  /** Waits for the work; what takes longer than two seconds is shown, with the time it takes. */
  during<T>(label: string, work: Promise<T>): Promise<T>;
}

export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Nothing shorter than this is worth a line. */
const SHOW_AFTER_MS = 2_000;
/** Without a terminal to draw on, a line this often says that it still runs. */
const LINE_EVERY_MS = 15_000;

/** Results go to `out`, so that they can be piped; progress and warnings go beside it. */
export function openScreen(out: Output = process.stdout, beside: Output = process.stderr): Screen {
  return {
    say: (text) => void out.write(`${painted(text)}\n`),
    json: (value) => void out.write(`${plainJson(JSON.stringify(value))}\n`),
    note: (text) => void beside.write(`${painted(paint.dim(text))}\n`),
    warn: (text) => void beside.write(`${painted(`${paint.yellow('!')} ${text}`)}\n`),
    fail: (failure) => void beside.write(`${painted(failureText(failure))}\n`),
    during: (label, work) => showProgress(beside, painted(label), work),
  };
}

async function showProgress<T>(output: Output, label: string, work: Promise<T>): Promise<T> {
  const began = performance.now();
  const seconds = (): string => `${Math.round((performance.now() - began) / 1000)} s`;
  let shown = false;
  const draw = (): void => {
    shown = true;
    output.write(output.isTTY ? `\r${label} … ${seconds()}` : `${label} … ${seconds()}\n`);
  };
  let every: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    draw();
    every = setInterval(draw, output.isTTY ? 1_000 : LINE_EVERY_MS);
  }, SHOW_AFTER_MS);
  try {
    return await work;
  } finally {
    clearTimeout(first);
    clearInterval(every);
    if (shown) output.write(`${output.isTTY ? '\r' : ''}${label}: ${seconds()}  \n`);
  }
}

const failureText = (failure: Failure): string => `${paint.red(failure.code)}: ${failure.message}\n${paint.dim('→')} ${nextStep(failure)}`;
