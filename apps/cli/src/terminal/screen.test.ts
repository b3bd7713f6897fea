import { failure, FAILURES } from '@gastown/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failureText, openScreen } from './screen.ts';

let out: string;
let beside: string;
const screen = (isTTY = false) => openScreen({ write: (text) => (out += text) }, { isTTY, write: (text) => (beside += text) });
const lasting = (ms: number): Promise<string> => new Promise((resolve) => setTimeout(() => resolve('done'), ms));

beforeEach(() => {
  out = '';
  beside = '';
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the terminal', () => {
  it('shows nothing of what takes less than two seconds', async () => {
    const work = screen().during('Quick', lasting(1_900));
    await vi.advanceTimersByTimeAsync(1_900);
    expect(await work).toBe('done');
    expect(beside).toBe('');
  });

  it('shows what takes longer, with the time, and never on the stream of results', async () => {
    const work = screen().during('Slow', lasting(20_000));
    await vi.advanceTimersByTimeAsync(20_000);
    await work;
    expect(beside).toBe('Slow … 2 s\nSlow … 17 s\nSlow: 20 s  \n');
    expect(out).toBe('');
  });

  it('counts every second on a terminal, on one line', async () => {
    const work = screen(true).during('Slow', lasting(4_500));
    await vi.advanceTimersByTimeAsync(4_500);
    await work;
    expect(beside).toBe('\rSlow … 2 s\rSlow … 3 s\rSlow … 4 s\rSlow: 5 s  \n');
  });

  it('a failure is its code, a sentence and the next step of the catalogue', () => {
    expect(failureText(failure('port_taken', 'Port 1 is taken.'))).toBe(`port_taken: Port 1 is taken.\n→ ${FAILURES.port_taken.next}`);
  });
});
