import { spawn } from '@lydell/node-pty';
import type { IPty } from '@lydell/node-pty';
import { House, openTown } from '@gastown/stories';
import { figures } from './figures.ts';
import type { Measured } from './measured.ts';
import { Watch } from './watch.ts';

const ENDLESS = '<<<SCRIPT [{"tool":"bash","args":{"command":"tail -f /dev/null","description":"Wait"}},{"text":"Never"}] SCRIPT>>>';
const FLOOD_BYTES = 50_000_000;
const FLOOD = `yes 0123456789012345678901234567890123456789 | head -c ${FLOOD_BYTES}`;
const KEYS = 50;
const RAW = 'stty raw -echo; echo re""ady; cat\r';
const ADDED_MS = 15;
const REPLAY_MS = 300;

/**
 * P15: a terminal through runner, AgentDO and socket, beside the same program in a pseudo-terminal and nothing else. A key until it is back (`cat` in a raw terminal); a flood of 50 MB with
 * keys typed into it; an interrupt of an endless one; the screen with 2,000 lines of scroll-back for who comes late.
 */
export async function terminal(n: number): Promise<Measured> {
  const bare = await bareTerminal(n);
  const house = await House.open({ repos: ['parser'] });
  try {
    const { client, town, replica, rigs } = await openTown(house, 'Bench', ['parser']);
    await client.command(town, { kind: 'bead.create', rigId: rigs[0]!.id, title: 'Endless', body: ENDLESS });
    const run = await replica.until('a run at work', () => replica.all('runs').find((one) => one.state === 'working'), 90_000);
    const address = `${house.base}/api/towns/${town}/agents/${run.agentId}/terminal?kind=shell`;
    const headers = client.headers();

    const echo = await Watch.open(address, headers);
    echo.type(RAW);
    await echo.until(() => echo.text.includes('ready'));
    const echoMs = await echoes(
      n,
      (key) => echo.type(key),
      (look) => echo.until(() => look(echo.text)),
    );
    // The next one needs a terminal in its usual mode: out of `cat`, which takes the interrupt as a byte, by the end of the shell.
    echo.close();
    const { pid } = house
      .processes()
      .find(({ command, environment }) => /^cat\s*$/.test(command.trim()) && environment.includes('/terminals/'))!;
    process.kill(pid, 'SIGKILL');

    const flood = await Watch.open(address, headers);
    flood.type('stty sane; clear; echo cle""ar\r');
    await flood.until(() => flood.text.includes('clear\r'));
    const before = flood.bytes;
    const began = performance.now();
    flood.type(`${FLOOD}; echo; echo flood is ov""er\r`);
    await flood.until(() => flood.bytes > before + 1_000_000);
    for (let key = 0; key < KEYS; key += 1) flood.type(`echo key""-${key}-\r`);
    await flood.until(() => flood.text.includes('flood is over'));
    const floodMs = performance.now() - began;
    await flood.until(() => flood.text.includes(`key-${KEYS - 1}-`));
    const kept = Array.from({ length: KEYS }, (_, key) => new RegExp(`[\\r\\n]key-${key}-`).test(flood.text)).filter(Boolean).length;

    const interrupts: number[] = [];
    for (let index = 0; index < Math.min(n, 20); index += 1) {
      flood.type(`yes; echo stopped""-${index}-\r`);
      await flood.until(() => flood.text.endsWith('y\r\ny\r\ny\r\n'));
      const pressed = performance.now();
      flood.type('\x03');
      flood.type(`echo stopped""-${index}-\r`);
      await flood.until(() => flood.text.includes(`stopped-${index}-`));
      interrupts.push(performance.now() - pressed);
    }

    flood.type('seq -f "a line of the usual length, to fill the scroll-back with %g" 3000; echo fil""led\r');
    await flood.until(() => flood.text.includes('filled'));
    const replays: number[] = [];
    let screenBytes = 0;
    for (let index = 0; index < n; index += 1) {
      const asked = performance.now();
      const late = await Watch.open(address, headers);
      replays.push(performance.now() - asked);
      screenBytes = late.state?.screen?.length ?? 0;
      late.close();
    }
    flood.close();
    replica.close();

    const addedMs = figures(echoMs).median - bare.echo.median;
    const replay = figures(replays);
    const why = [
      ...(addedMs <= ADDED_MS ? [] : [`a key takes ${addedMs.toFixed(1)} ms longer than in a bare pseudo-terminal; at most ${ADDED_MS}`]),
      ...(kept === KEYS ? [] : [`of ${KEYS} lines typed into the flood ${kept} arrived`]),
      ...(replay.median <= REPLAY_MS ? [] : [`a screen takes ${replay.median} ms; at most ${REPLAY_MS}`]),
    ];
    return {
      ok: why.length === 0,
      why,
      figures: {
        echoMs: figures(echoMs),
        bareEchoMs: bare.echo,
        addedMs: Math.round(addedMs * 1_000) / 1_000,
        floodMs: Math.round(floodMs),
        bareFloodMs: bare.floodMs,
        keysTypedIntoFlood: KEYS,
        keysKept: kept,
        interruptMs: figures(interrupts),
        replayMs: replay,
        screenCharacters: screenBytes,
      },
    };
  } finally {
    await house.close();
  }
}

/** Each key alone: typed, waited for, then the next. */
async function echoes(
  n: number,
  type: (key: string) => void,
  until: (look: (text: string) => boolean) => Promise<void>,
): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < n + 10; index += 1) {
    const key = `<${index}>`;
    const began = performance.now();
    type(key);
    await until((text) => text.endsWith(key));
    if (index >= 10) times.push(performance.now() - began);
  }
  return times;
}

async function bareTerminal(n: number): Promise<{ echo: ReturnType<typeof figures>; floodMs: number }> {
  const pty = spawn('/bin/bash', ['--norc'], { cols: 120, rows: 40, env: { PATH: process.env['PATH'] } });
  let text = '';
  let bytes = 0;
  let told: (() => void) | null = null;
  pty.onData((data) => {
    bytes += data.length;
    text = (text + data).slice(-100_000);
    told?.();
  });
  const until = async (look: (text: string) => boolean): Promise<void> => {
    while (!look(text)) await new Promise<void>((resolve) => (told = resolve));
  };
  const began = performance.now();
  pty.write(`${FLOOD}; echo; echo flood is ov""er\r`);
  await until((shown) => shown.includes('flood is over'));
  const floodMs = Math.round(performance.now() - began);
  pty.write(RAW);
  await until((shown) => shown.includes('ready'));
  const echo = figures(await echoes(n, (key) => pty.write(key), until));
  end(pty);
  if (bytes < FLOOD_BYTES) throw new Error(`the bare terminal lost output: ${bytes} bytes`);
  return { echo, floodMs };
}

const end = (pty: IPty): void => pty.kill('SIGKILL');
