import type { RunRow } from '@gastown/protocol';
import type { Locator, Page } from 'playwright-core';
import { axeFindings, comeToRest } from './axe.ts';
import { openBrowser, openPage, shoot } from './browser.ts';
import { openTown } from './errands.ts';
import type { House } from './house.ts';
import type { Replica } from './replica.ts';
import type { Telling } from './telling.ts';

/** Work that goes on until it is stopped. Kilo ends a command after two minutes unless told otherwise, and then a slow story finds the agent at something else. */
const HOUR_MS = 3_600_000;
const WAIT = { command: 'tail -f /dev/null', description: 'Wait for ever', timeout: HOUR_MS };
const ENDLESS = `<<<SCRIPT ${JSON.stringify([{ tool: 'bash', args: WAIT }, { text: 'Never said' }])} SCRIPT>>>`;

/** The terminal of a polecat in a real browser: typing, a reload, a second page, a cut, a flood, a large paste, the end. */
export async function storyTerminal(telling: Telling, house: House): Promise<void> {
  const { client, town, replica, rigs } = await openTown(house, 'Story terminal', ['parser']);
  const { beadId } = (await client.command(town, { kind: 'bead.create', rigId: rigs[0]!.id, title: 'Endless', body: ENDLESS })) as {
    beadId: string;
  };
  const run = await replica.until('a run at work', () => replica.all('runs').find((one) => one.state === 'working'), 90_000);
  const browser = await openBrowser();
  try {
    const { page, troubles } = await openPage(browser);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const cuts = await cuttable(page);
    await page.goto(await house.freshLink());
    const shell = await openShell(page, `${house.base}/t/${town}/agents/${run.agentId}`);
    telling.mark('terminal open');

    await say(shell, page, 'PS1="> "; clear');
    await say(shell, page, 'echo hel""lo; pwd');
    await sees(shell, 'hello');
    telling.check('a shell works in the agent’s worktree (WS-6, WS-7)', (await read(shell)).includes(`worktrees/${run.id}`));
    await say(shell, page, 'env | sed s/^/::/');
    await sees(shell, '::TERM=xterm-256color');
    telling.check('it sees nothing of the runner', !/GASTOWN|TOKEN|KEY/.test(await read(shell)));
    await say(shell, page, 'stty size');
    const { rows, cols } = await sizeOf(shell);
    await sees(shell, `${rows} ${cols}`);
    telling.check(`the program’s size is the one that is shown, ${cols} × ${rows} (WS-9)`, cols > 40 && rows > 5);
    await keys(shell, page);
    telling.check('Shift+Enter sends CSI 13;2u, Enter a return (WS-11)', (await read(shell)).includes('^[[13;2u'));
    await shoot(page, 'terminal-1-shell');

    const before = await read(shell);
    await page.reload();
    const again = await openShell(page);
    await again.locator('.xterm-rows').waitFor();
    await until('the screen after the reload', async () => (await read(again)) === before);
    telling.check('a reload shows the same screen (WS-2)', true);
    telling.mark('reloaded');

    await second(telling, browser, house, `${house.base}/t/${town}/agents/${run.agentId}`, again, page);
    await cut(telling, cuts, again, page);
    await flood(telling, again, page);
    await pasteAndCopy(telling, again, page);

    await liveView(telling, page);

    await page.getByRole('button', { name: 'Full screen' }).click();
    await until('the size of full screen', async () => (await sizeOf(again)).rows > rows);
    await say(again, page, 'clear; stty size');
    const full = await sizeOf(again);
    await sees(again, `${full.rows} ${full.cols}`);
    telling.check('full screen gives the program more room, and back (WS-15)', full.rows > rows && full.cols > cols);
    await shoot(page, 'terminal-4-full-screen');
    await page.keyboard.press('Control+Shift+Enter');
    telling.check(
      'a chord leaves the terminal for the buttons',
      (await page.evaluate('document.activeElement?.getAttribute("aria-label")')) === 'Copy: the selection, or what is in sight',
    );
    await page.getByRole('button', { name: 'Leave full screen' }).click();
    for (const theme of ['light', 'dark']) {
      await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);
      await page.mouse.move(0, 0);
      await comeToRest(page);
      await shoot(page, `terminal-5-${theme}`);
      const found = await axeFindings(page);
      telling.check(`axe finds nothing in ${theme} (${found.join(' | ') || 'none'})`, found.length === 0);
    }

    const next = await runnerLost(telling, house, replica, run, cuts, again, page);
    await say(again, page, 'echo last""words');
    await sees(again, 'lastwords');
    await client.command(town, { kind: 'bead.set_status', beadId: beadId as never, status: 'closed', reason: 'Enough' } as never);
    await replica.until('the run is over', () => replica.get('runs', next.id)?.state === 'ended');
    await page.getByText('Read-only.').waitFor();
    telling.check('the end of the run is said, and its screen stays (WS-16)', (await read(again)).includes('lastwords'));
    await shoot(page, 'terminal-6-ended');
    await page.reload();
    const after = await openShell(page);
    await page.getByText('works on nothing now').waitFor();
    await sees(after, 'lastwords');
    telling.check('who comes later sees what was there last, read-only (WS-16)', await page.getByText('Read-only.').isVisible());
    await shoot(page, 'terminal-7-later');
    telling.check(
      'nothing of it is left running',
      !house.processes().some(({ environment }) => /HOME=\S*\/terminals\/ag-/.test(environment)),
    );
    // A cut socket is an error for the browser’s console and for nobody else.
    const real = troubles.filter((trouble) => !/WebSocket/.test(trouble));
    telling.check(`the page had no error (${real.slice(0, 3).join(' | ') || 'none'})`, real.length === 0);
    replica.close();
  } finally {
    await browser.close();
  }
}

const until = async (what: string, look: () => Promise<boolean>, ms = 30_000): Promise<void> => {
  for (const deadline = Date.now() + ms; !(await look()); await new Promise((resolve) => setTimeout(resolve, 50)))
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
};

async function openShell(page: Page, address?: string): Promise<Locator> {
  if (address) await page.goto(address);
  await page.getByRole('tab', { name: 'Terminal' }).click();
  const shell = page.getByRole('region', { name: /^Terminal of / });
  await shell.locator('[data-terminal=shell]:not([data-condition=connecting])').waitFor();
  return shell;
}

/** What is on the screen, without the spaces that a line ends with. */
const read = async (shell: Locator): Promise<string> =>
  (await shell.locator('.xterm-rows > div').allInnerTexts())
    .map((line) => line.replaceAll('\u00a0', ' ').trimEnd())
    .join('\n')
    .trimEnd();
async function sees(shell: Locator, text: string, ms?: number): Promise<void> {
  let seen = '';
  const look = async (): Promise<boolean> => (seen = await read(shell)).includes(text);
  await until(`“${text}”`, look, ms).catch((error: unknown) => {
    throw new Error(`${(error as Error).message} in:\n${seen}`);
  });
}
async function say(shell: Locator, page: Page, line: string): Promise<void> {
  await shell.getByRole('textbox').focus();
  await page.keyboard.type(line);
  await page.keyboard.press('Enter');
}
async function sizeOf(shell: Locator): Promise<{ rows: number; cols: number }> {
  const { height, width } = (await shell.locator('.xterm-screen').boundingBox())!;
  const rows = await shell.locator('.xterm-rows > div').count();
  const cell = height / rows;
  const probe = await shell
    .locator('.xterm-char-measure-element')
    .first()
    .evaluate((element) => {
      const { width: wide } = element.getBoundingClientRect();
      return wide / (element.textContent?.length ?? 1);
    });
  return { rows: Math.round(height / cell), cols: Math.round(width / probe) };
}

async function keys(shell: Locator, page: Page): Promise<void> {
  await say(shell, page, 'cat -v');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.press('Enter');
  await sees(shell, '^[[13;2u');
  await page.keyboard.press('Control+c');
  await until('the prompt after Ctrl-C', async () => (await read(shell)).trimEnd().endsWith('^C\n>'));
}

/** The sockets of the terminal pass through here, so that they can be cut. */
async function cuttable(page: Page): Promise<{ cut: () => Promise<void>; closed: boolean }> {
  const state = { closed: false, open: new Set<() => Promise<void>>() };
  await page.routeWebSocket(/\/terminal\?/, (socket) => {
    if (state.closed) return void socket.close({ code: 1011, reason: 'cut' });
    const server = socket.connectToServer();
    const end = async (): Promise<void> => {
      state.open.delete(end);
      await server.close();
      await socket.close({ code: 1011, reason: 'cut' });
    };
    state.open.add(end);
  });
  return {
    get closed() {
      return state.closed;
    },
    set closed(closed) {
      state.closed = closed;
    },
    cut: async () => {
      for (const end of state.open) await end();
    },
  };
}

async function second(
  telling: Telling,
  browser: Awaited<ReturnType<typeof openBrowser>>,
  house: House,
  address: string,
  shell: Locator,
  page: Page,
): Promise<void> {
  const { page: phone } = await openPage(browser, { width: 390, height: 780 });
  await phone.goto(await house.freshLink());
  const other = await openShell(phone, address);
  await say(shell, page, 'echo seen by bo""th');
  await sees(shell, 'seen by both');
  await sees(other, 'seen by both');
  await shoot(phone, 'terminal-2-phone');
  telling.check('a second page sees the same (WS-2)', (await sizeOf(other)).cols === (await sizeOf(shell)).cols);
  await say(other, phone, 'echo typed on the pho""ne');
  await sees(shell, 'typed on the phone');
  await until(
    'the phone’s size is everybody’s',
    async () => (await sizeOf(shell)).cols === (await sizeOf(other)).cols && (await sizeOf(shell)).cols < 60,
  );
  await shoot(phone, 'terminal-3-phone-own-size');
  telling.check('who types has the room: the size is the phone’s (WS-9)', true);
  await phone.context().close();
  await say(shell, page, 'clear');
  telling.mark('two pages');
}

async function cut(telling: Telling, cuts: { cut: () => Promise<void>; closed: boolean }, shell: Locator, page: Page): Promise<void> {
  cuts.closed = true;
  await cuts.cut();
  await page.getByText('Reconnecting…').waitFor();
  await say(shell, page, 'echo typed while a""way');
  telling.check('a cut says “Reconnecting…”, and what is typed is kept', await page.getByText(/characters so far/).isVisible());
  await shoot(page, 'terminal-2-reconnecting');
  cuts.closed = false;
  await sees(shell, 'typed while away');
  telling.check('what was typed while away came through, once (WS-8)', (await read(shell)).split('typed while away').length === 2);
  telling.mark('cut and back');
}

async function flood(telling: Telling, shell: Locator, page: Page): Promise<void> {
  const began = Date.now();
  await say(shell, page, 'clear; yes 0123456789012345678901234567890123456789 | head -c 50M; echo; echo flood is ov""er');
  await sees(shell, '0123456789');
  await page.keyboard.type('echo typed in the fl""ood');
  await page.keyboard.press('Enter');
  await sees(shell, 'flood is over', 180_000);
  await sees(shell, 'typed in the flood');
  telling.counts['50 MB flood, ms'] = Date.now() - began;
  telling.check('50 MB go by, and keys typed meanwhile are not lost (P15)', true);
  await say(shell, page, 'clear; yes');
  await sees(shell, 'y\ny\ny');
  const pressed = Date.now();
  await page.keyboard.press('Control+c');
  await page.keyboard.type('echo stop""ped');
  await page.keyboard.press('Enter');
  await sees(shell, 'stopped');
  telling.counts['interrupt of an endless flood, ms'] = Date.now() - pressed;
  telling.mark('flooded');
}

/** The agent program’s own screen of the session that is at work; then back to the shell, which was kept. */
async function liveView(telling: Telling, page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Live view' }).click();
  const view = page.getByRole('region', { name: /^Terminal of / });
  await view.locator('[data-terminal=live][data-condition=open]').waitFor();
  await sees(view, 'tail -f /dev/null', 60_000);
  await shoot(page, 'terminal-4-live-view');
  telling.check('the live view shows what the agent does now, as its program shows it (WS-7)', true);
  await page.getByRole('button', { name: 'Shell' }).click();
  await sees(view, '100000');
  telling.check('the shell is as it was', true);
  telling.mark('live view');
}

/** `kill -9` of the runner takes the terminal along. A page that was away meanwhile has the terminal of the next run by itself, and says what was not sent. */
async function runnerLost(
  telling: Telling,
  house: House,
  replica: Replica,
  lost: RunRow,
  cuts: { cut: () => Promise<void>; closed: boolean },
  shell: Locator,
  page: Page,
): Promise<RunRow> {
  await shell.getByRole('textbox').focus();
  // Cut off first: when the page looks again, everything has happened.
  cuts.closed = true;
  await cuts.cut();
  await shell.locator('[data-condition=reconnecting]').waitFor();
  await page.keyboard.type('rm -rf /never');
  telling.check('kill -9 of the runner hit a process', house.kill(/apps\/runner\/src\/main\.ts/) > 0);
  const next = await replica.until(
    'the next run is at work',
    () => replica.all('runs').find((one) => one.agentId === lost.agentId && one.id !== lost.id && one.state === 'working'),
    120_000,
  );
  cuts.closed = false;
  await shell.locator('[data-condition=open]').waitFor();
  await page.getByText(/13 characters that you typed were not sent/).waitFor();
  telling.check(
    'what was typed for the lost terminal is said to be not sent, and is not typed into the next (WS-8)',
    !(await read(shell)).includes('never'),
  );
  await shoot(page, 'terminal-6-runner-lost');
  await say(shell, page, 'pwd');
  await sees(shell, next.id);
  telling.check('the terminal of the next run opened by itself, in its worktree (WS-8)', true);
  await page.getByRole('button', { name: 'Understood' }).click();
  telling.mark('runner lost');
  return next;
}

async function pasteAndCopy(telling: Telling, shell: Locator, page: Page): Promise<void> {
  const lines = Array.from({ length: 1_000 }, (_, at) => `line ${at} `.padEnd(99, 'x')).join('\n');
  await say(shell, page, 'clear; stty -echo; echo rea""dy; cat > ~/pasted.txt; stty echo; wc -c < ~/pasted.txt; rm ~/pasted.txt');
  // Not before the shell has taken its hands off: it would see a paste, and put marks around it.
  await sees(shell, 'ready');
  await shell.getByRole('textbox').evaluate((element, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, `${lines}\n`);
  await page.keyboard.press('Control+d');
  await sees(shell, '100000');
  telling.check('100 kB of paste arrive whole (WS-13)', true);
  await page.getByRole('button', { name: /^Copy/ }).last().click();
  const copied = await page.evaluate('navigator.clipboard.readText()');
  telling.check('what is in sight can be copied (WS-13)', String(copied).includes('100000'));
  telling.mark('pasted and copied');
}
