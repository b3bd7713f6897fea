// Development only: pictures of every route (`shots`), axe on every route in both themes (`axe`), what a toast hides at three widths (`toasts`), whole or one
// route by name. `node dev/look.mjs shots|axe|toasts [name…]`; pictures go to $SHOTS or dev/shots.
import { readFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { startFixture } from './fixture-server.mjs';
import { full } from './fixture-town.mjs';

const T = '/t/k3v9q0t2m4xa';
const B = '/t/p0p0p0p0p0p0';
const ROUTES = {
  home: T,
  homeneeds: `${T}?see=needs`,
  reasons: [
    `${T}?see=needs`,
    async (page) => {
      for (const reason of await page.getByRole('region', { name: 'Needs you' }).locator('summary').all()) await reason.click();
    },
  ],
  homework: `${T}?see=work`,
  homerigs: `${T}?see=rigs`,
  homefeed: `${T}?see=feed`,
  escalation: `${T}?open=bead:es-00000001`,
  deferred: `${T}/beads/acme-7`,
  board: `${T}/board`,
  grouped: `${T}/board?group=rig`,
  ready: `${T}/board?ready=only`,
  bead: `${T}/board?open=bead:gt-1a2b3c4d`,
  staged: `${T}/board?open=bead:gt-d0d0d0d1`,
  epic: `${T}/board?open=bead:gt-d0d0d0d0`,
  pinned: `${T}/beads/gt-d0d0d0d3`,
  archived: `${T}/board?archived=shown&label=checkout`,
  create: [
    `${T}/board`,
    async (page) => {
      await page.keyboard.press('c');
      await page.getByText('Not before, time limit').click();
      await page.getByLabel('After', { exact: true }).fill('the');
      await page.getByRole('option').first().waitFor();
    },
  ],
  asks: `${T}/board?open=bead:gt-2b3c4d5e`,
  asking: `${T}/agents/ag-00000003`,
  setup: [
    `${T}/settings?tab=agents`,
    async (page) => {
      await page.getByRole('button', { name: 'Add a command for: Polecats' }).click();
      await page.getByLabel('Command', { exact: true }).last().scrollIntoViewIfNeeded();
    },
  ],
  rigedit: [`${T}/settings?tab=repositories`, (page) => page.locator('summary').first().click()],
  putoff: [`${T}/board?open=bead:gt-4d5e6f70`, (page) => page.getByRole('button', { name: 'Put off' }).click()],
  edit: [`${T}/board?open=bead:gt-d0d0d0d1`, (page) => page.getByRole('button', { name: 'Edit' }).click()],
  relate: [`${T}/board?open=bead:gt-d0d0d0d1`, (page) => page.getByRole('button', { name: 'Add', exact: true }).click()],
  failed: `${T}/board?open=bead:gt-b0b0b0b0`,
  landed: `${T}/beads/gt-c0c0c0c0`,
  merges: `${T}/merges`,
  merge: `${T}/merges?open=merge:mr-00000003`,
  agents: `${T}/agents`,
  agent: `${T}/agents/ag-00000002`,
  agentdrawer: `${T}/agents?open=bead:gt-1a2b3c4d,agent:ag-00000002`,
  attention: `${T}/attention`,
  draining: [
    T,
    async (page) => {
      fixture.push({ town: [{ ...full.town[0], runnerDrainingAt: Date.now() }] });
      await page.getByText('The runner is ending').first().waitFor();
    },
  ],
  foreign: [
    `${T}/merges?open=merge:mr-00000003`,
    async (page) => {
      fixture.push({ town: full.town });
      const merge = full.merges.find(({ id }) => id === 'mr-00000003');
      const run = full.runs.find(({ id }) => id === merge.runId);
      const commit = (at, foreign, subject) => ({ sha: at.repeat(40), subject, author: 'Toast', at: 1, ...(foreign && { foreign }) });
      fixture.push({
        runs: [
          {
            ...run,
            commits: [
              commit('a', undefined, 'Compute totals in cents'),
              commit('b', 'another_branch', 'Move the mailer to its own queue so that a slow provider holds nothing back'),
              commit('c', 'another_person', 'Bump version'),
              commit('d', 'another_bead', 'gt-1a2b3c4d: extract the form'),
            ],
          },
        ],
      });
      await page.getByText('Made for something else').scrollIntoViewIfNeeded();
    },
  ],
  terminal: [`${T}/agents/ag-00000002`, (page) => page.getByRole('tab', { name: 'Terminal' }).click()],
  rig: `${T}/rigs/rig-1a2b3c4d`,
  rigaway: `${T}/rigs/rig-3c4d5e6f`,
  rigdrawer: `${T}?open=rig:rig-3c4d5e6f`,
  run: `${T}/runs/run-000000000005`,
  general: `${T}/settings`,
  repositories: `${T}/settings?tab=repositories`,
  models: `${T}/settings?tab=models`,
  agentsettings: `${T}/settings?tab=agents`,
  runners: `${T}/settings?tab=runners`,
  runner: `${T}/settings?tab=runners&open=runner:rn-000000000001`,
  runnerpage: `${T}/runners/rn-000000000003`,
  runneredit: [
    `${T}/runners/rn-000000000001`,
    async (page) => {
      await page.getByRole('button', { name: 'Edit' }).click();
      await page.getByRole('button', { name: 'Only these' }).waitFor();
    },
  ],
  runneradd: [
    `${T}/settings?tab=runners`,
    async (page) => {
      await page.getByRole('button', { name: 'Add a runner' }).click();
      await page.getByRole('button', { name: 'Only these' }).click();
    },
  ],
  runnerline: [
    `${T}/runners/rn-000000000004`,
    async (page) => {
      await page.getByRole('button', { name: 'Make a new token' }).click();
      await page.getByRole('button', { name: /^Make it/ }).click();
      await page.getByRole('button', { name: 'Copy the line' }).waitFor();
    },
  ],
  spend: `${T}/settings?tab=spend`,
  limit: [
    `${T}/settings?tab=spend`,
    (page) =>
      page
        .getByRole('button', { name: /^Hard limit of shop/ })
        .first()
        .click(),
  ],
  removerig: [
    `${T}/settings?tab=repositories`,
    async (page) => {
      await page.locator('summary').first().click();
      await page.getByRole('button', { name: 'Remove the repository' }).first().click();
    },
  ],
  spendbyrig: [`${T}/settings?tab=spend&limit=rig:rig-1a2b3c4d`, (page) => page.getByRole('button', { name: 'Rig', exact: true }).click()],
  convoys: `${T}/convoys`,
  mail: [`${T}/mail`, (page) => page.getByText('The form has a hidden').click()],
  agentmail: [`${T}/agents/ag-00000002`, (page) => page.getByRole('tab', { name: 'Mail' }).click()],
  givebead: [`${T}/board?open=bead:gt-2b3c4d5e`, (page) => page.getByRole('button', { name: 'Give on' }).click()],
  writesteps: [`${T}/board?open=bead:gt-4d5e6f70`, (page) => page.getByRole('button', { name: 'Write down' }).click()],
  convoy: `${T}/convoys?open=convoy:cv-00000001`,
  blockedconvoy: `${T}/convoys?open=convoy:cv-00000002`,
  stagedconvoy: `${T}/convoys/cv-00000003`,
  createconvoy: [
    `${T}/convoys`,
    async (page) => {
      await page.getByRole('button', { name: 'Create convoy' }).click();
      await page.getByLabel('New beads').fill('- Form\n- Tests');
    },
  ],
  emptyconvoys: `${B}/convoys`,
  stop: [T, (page) => page.getByRole('button', { name: 'Stop town' }).click()],
  import: `${T}/settings?tab=import`,
  imported: [
    `${T}/settings?tab=import`,
    async (page) => {
      const lines = Array.from({ length: 40 }, (_, at) =>
        JSON.stringify({
          id: `bd-${at}`,
          title: at === 3 ? '' : `Bead number ${at}`,
          dependencies: at === 7 ? [{ depends_on_id: 'bd-99', type: 'blocks' }] : [],
        }),
      );
      await page.getByLabel('Choose a file').setInputFiles({
        name: 'beads.jsonl',
        mimeType: 'application/x-ndjson',
        buffer: Buffer.from([...lines, '{"id": "bd-'].join('\n')),
      });
      await page.getByRole('button', { name: 'Look at it' }).click();
      await page.getByRole('button', { name: /^All/ }).click();
      await page.getByLabel('Start at once').check();
    },
  ],
  longimport: [
    `${T}/settings?tab=import`,
    async (page) => {
      const lines = Array.from({ length: 2_400 }, (_, at) =>
        JSON.stringify({
          id: `bd-${at}`,
          title: `Bead number ${at}`,
          dependencies: at % 2 === 1 ? [{ depends_on_id: 'elsewhere-99', type: 'blocks' }] : [],
        }),
      );
      await page
        .getByLabel('Choose a file')
        .setInputFiles({ name: 'beads.jsonl', mimeType: 'application/x-ndjson', buffer: Buffer.from(lines.join('\n')) });
      await page.getByRole('button', { name: 'Look at it' }).click();
      await page.getByRole('button', { name: /^Dependencies not taken/ }).click();
      const inTable = () => page.locator('tbody tr').count();
      for (const more = page.getByRole('button', { name: /^Show (200 )?more|^Show \d+ more of/ }); await more.isVisible();) {
        const before = await inTable();
        await more.click();
        await page.waitForFunction((many) => document.querySelectorAll('tbody tr').length > many, before);
      }
      if ((await inTable()) !== 1_200) throw new Error(`${await inTable()} rows, not 1,200`);
      await page.getByRole('button', { name: /^All/ }).click();
      await page.locator('tbody').scrollIntoViewIfNeeded();
    },
  ],
  health: `${T}/settings?tab=health`,
  danger: `${T}/settings?tab=danger`,
  towns: '/',
  new: '/new',
  repository: '/new?town=p0p0p0p0p0p0&step=repository',
  model: '/new?town=p0p0p0p0p0p0&step=model',
  task: '/new?town=p0p0p0p0p0p0&step=task',
  emptyhome: B,
  emptyboard: `${B}/board`,
  emptymerges: `${B}/merges`,
  emptyagents: `${B}/agents`,
  emptyattention: `${B}/attention`,
  notown: '/t/zzzzzzzzzzzz',
  elsewhere: `${T}/beads/gt-wmhj`,
  byid: [
    `${T}/board`,
    async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').getByRole('combobox').fill('gt-wmhj');
      await page.getByRole('option', { name: 'Count words' }).waitFor();
    },
  ],
  older: [
    `${T}/board`,
    async (page) => {
      const closed = page.getByRole('region', { name: 'Closed' });
      await closed.getByText('not loaded').waitFor();
      await closed.getByRole('button', { name: 'Load older' }).click();
      await closed.getByRole('link', { name: 'Take PR #1101' }).waitFor();
      await closed.getByRole('button', { name: 'Load older' }).scrollIntoViewIfNeeded();
    },
  ],
  oldfiltered: [
    `${T}/board?q=PR+%231019`,
    async (page) => {
      await page.getByRole('link', { name: 'Take PR #1019' }).waitFor();
      await page.getByRole('region', { name: 'Closed' }).scrollIntoViewIfNeeded();
    },
  ],
  archiving: [
    `${T}/board`,
    async (page) => {
      await page.getByRole('button', { name: /^Archive (these|the)/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  ],
  bringback: [
    `${T}/board?archived=shown`,
    async (page) => {
      await page.getByRole('button', { name: 'Bring back archived beads' }).click();
      await page.getByRole('button', { name: /^Bring back \d/ }).waitFor();
    },
  ],
  bysearch: [
    `${T}/board`,
    async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').getByRole('combobox').fill('PR #1019');
      await page.getByRole('option', { name: 'Take PR #1019' }).waitFor();
    },
  ],
  record: `${T}/beads/es-00000000000f`,
  nobead: `${T}/beads/gt-ffffffff`,
  nopage: '/nowhere',
};
/** What can be pressed, lies under a toast, and cannot be scrolled from under it. Runs in the page. */
function hiddenByToast() {
  const toasts = [...document.querySelectorAll('[data-sonner-toast]')].map((toast) => toast.getBoundingClientRect());
  const covered = (element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    return toasts.some((toast) => x > toast.left && x < toast.right && y > toast.top && y < toast.bottom);
  };
  const canLeave = (element) => {
    for (let box = element.parentElement; box; box = box.parentElement) {
      const before = box.scrollTop;
      for (const by of [-150, 150]) {
        box.scrollTop = before + by;
        const free = !covered(element);
        box.scrollTop = before;
        if (free) return true;
      }
    }
    return false;
  };
  // Beside an open dialog nothing can be pressed.
  const within = document.querySelector('[data-modal]') ?? document;
  return [...within.querySelectorAll('a, button, input, textarea, select, summary')]
    .filter((element) => !element.closest('[data-sonner-toaster]') && element.checkVisibility() && covered(element) && !canLeave(element))
    .map((element) => `"${(element.getAttribute('aria-label') ?? element.textContent).trim().slice(0, 40)}"`);
}
const [what = 'shots', ...names] = process.argv.slice(2);
const chosen = names.length ? names : Object.keys(ROUTES);
const fixture = await startFixture();
const origin = `http://127.0.0.1:${fixture.port}`;
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const out = process.env.SHOTS ?? new URL('shots', import.meta.url).pathname;
await mkdir(out, { recursive: true });
let bad = 0;

async function open(page, name) {
  const [path, act] = [ROUTES[name]].flat();
  await page.goto(origin + path, { waitUntil: 'load' });
  await page.waitForFunction(
    () =>
      document.fonts.status === 'loaded' &&
      !document.querySelector('output[aria-label^=Loading]') &&
      document.querySelector('h1, [aria-label="Now"]'),
    undefined,
    { timeout: 8_000 },
  );
  await act?.(page);
  await page.waitForTimeout(what === 'shots' ? 700 : 60);
}
async function each(theme, width, height, visit) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
    deviceScaleFactor: 1,
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) bad += 1;
    if (['error', 'warning'].includes(message.type())) console.log(`  ${message.type()}: ${message.text().slice(0, 300)}`);
  });
  page.on('pageerror', (error) => console.log('  page error:', error.message.slice(0, 400)));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) {
      bad += 1;
      console.log('  EXTERNAL', request.url());
    }
  });
  for (const name of chosen)
    await open(page, name).then(
      () => visit(page, name),
      (error) => {
        bad += 1;
        console.log(name, theme, width, error.message.split('\n')[0]);
        return page.screenshot({ path: `${out}/${name}-broken.png` });
      },
    );
  await context.close();
}

if (what === 'shots') {
  const sizes = (process.env.SIZES ?? 'light-1440,dark-1440,light-360').split(',').map((size) => size.split('-'));
  for (const [theme, width] of sizes)
    await each(theme, Number(width), Number(width) < 600 ? 760 : 900, (page, name) =>
      page.screenshot({ path: `${out}/${name}-${theme}-${width}.png` }),
    );
} else if (what === 'toasts') {
  for (const width of [1440, 834, 390])
    await each('light', width, width < 600 ? 760 : 900, async (page, name) => {
      // It may lie under a drawer: that it can be reached is not looked at here.
      const pause = page.locator('button[aria-label="Pause town"], button[aria-label="Resume town"]').first();
      if ((await pause.count()) === 0) return;
      await pause.evaluate((button) => button.click());
      await page.locator('[data-sonner-toast][data-mounted=true]').first().waitFor();
      await page.waitForTimeout(500);
      await page.screenshot({ path: `${out}/${name}-toast-${width}.png` });
      const hidden = await page.evaluate(hiddenByToast);
      if (hidden.length > 0) {
        bad += 1;
        console.log(`${name} ${width}: a toast hides for good ${hidden.join(', ')}`);
      }
    });
} else {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  for (const [theme, width] of [
    ['light', 1440],
    ['dark', 1440],
    ['light', 360],
    ['dark', 360],
    ['light', 820],
  ]) {
    await each(theme, width, 900, async (page, name) => {
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      const small = await page.evaluate(
        () =>
          [...document.querySelectorAll('body *')].filter(
            (e) =>
              e.checkVisibility() &&
              [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) &&
              parseFloat(getComputedStyle(e).fontSize) < 12,
          ).length,
      );
      if (wide || small) {
        bad += 1;
        console.log(`${name} ${theme} ${width}: ${wide ? 'scrolls sideways ' : ''}${small ? `${small} texts under 12 px` : ''}`);
      }
      for (const violation of violations) {
        bad += 1;
        console.log(
          `${name} ${theme} ${width}: ${violation.id}: ${violation.help}\n    ${violation.nodes
            .slice(0, 3)
            .map((node) => `${node.target.join(' ')} — ${node.failureSummary?.split('\n').at(1)?.trim() ?? ''}`)
            .join('\n    ')}`,
        );
      }
    });
  }
}
await browser.close();
fixture.stop();
console.log(bad ? `${bad} problems` : 'clean');
