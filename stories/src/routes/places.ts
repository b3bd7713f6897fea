import type { Page } from 'playwright-core';

const TOWN = 'k3v9q0t2m4xa';
/** Has no repository, agent or model yet. */
const BARE = 'p0p0p0p0p0p0';

/** One address to stand for a route, and what a person would do there. */
export interface Place {
  readonly name: string;
  /** As the router writes it. */
  readonly route: string;
  readonly address: string;
  /** Nothing of a town is shown here, so that it hears of a bad day only by asking. */
  readonly still?: true;
  /** What it shows comes by a request of its own, so that walking here on a bad day is another case than standing here when it begins. */
  readonly asks?: true;
  /** Brings it to show more, on a good day. */
  readonly ready?: (page: Page) => Promise<unknown>;
  readonly act: Act;
}

/** A command: what must be open first, what is typed, which button sends it. */
interface Act {
  readonly open?: (page: Page) => Promise<unknown>;
  readonly field?: string;
  readonly button: string;
}

const press = (name: string) => (page: Page) => page.getByRole('button', { name, exact: true }).first().click();
const markRead = async (page: Page): Promise<void> => {
  await page.getByText('The form has a hidden').click();
  await press('Read in its stead')(page);
};
const planConvoy = async (page: Page): Promise<void> => {
  await press('Create convoy')(page);
  await page.getByLabel('New beads, one title a line').fill('One');
};
const pause: Act = { button: 'Pause town' };
const settings = (tab: string, act: Act = pause, more: Partial<Place> = {}): Place => ({
  name: `settings-${tab}`,
  route: '/t/$town/settings',
  address: `/t/${TOWN}/settings?tab=${tab}`,
  act,
  ...more,
});
const inTown = (name: string, route: string, id: string, act: Act = pause, more: Partial<Place> = {}): Place => ({
  name,
  route: `/t/$town${route}`,
  address: `/t/${TOWN}${route.replace(/\$\w+/, id)}`,
  act,
  ...more,
});

export const PLACES: readonly Place[] = [
  { name: 'towns', route: '/', address: '/', act: { button: 'Sign out' } },
  { name: 'new', route: '/new', address: '/new', still: true, act: { field: 'Name of the town', button: 'Create town' } },
  {
    name: 'new-repository',
    route: '/new',
    address: `/new?town=${BARE}&step=repository`,
    act: { field: 'Repository URL', button: 'Connect repository' },
  },
  { name: 'new-task', route: '/new', address: `/new?town=${BARE}&step=task`, act: { field: 'Tell the Mayor', button: 'Send' } },
  inTown('home', '/', '', { field: 'Tell the Mayor', button: 'Send' }, { asks: true }),
  inTown('board', '/board', '', { open: press('Create bead'), field: 'Title', button: 'Create' }),
  inTown('attention', '/attention', '', { button: 'Acknowledge' }),
  inTown('convoys', '/convoys', '', { open: planConvoy, field: 'Title', button: 'Create' }),
  inTown('merges', '/merges', '', { button: 'Retry' }),
  inTown('agents', '/agents', ''),
  inTown('mail', '/mail', '', { open: markRead, button: 'The agent will not get it. Sure?' }),
  settings('general', { field: 'Name of the town', button: 'Save' }),
  settings('repositories'),
  settings('models'),
  settings('agents'),
  settings('runners'),
  settings('spend', pause, { asks: true, ready: press('Rig') }),
  settings('import', { button: 'Download' }),
  settings('health', { button: 'Look again' }, { asks: true }),
  settings('danger'),
  inTown('rig', '/rigs/$rig', 'rig-1a2b3c4d', { button: 'Pause shop' }),
  inTown('agent', '/agents/$id', 'ag-00000002', { field: 'Nudge Toast', button: 'Send' }, { asks: true }),
  inTown('bead', '/beads/$id', 'gt-b0b0b0b0', { button: 'Archive' }),
  inTown('convoy', '/convoys/$id', 'cv-00000001', { button: 'Pause' }),
  inTown('merge', '/merges/$id', 'mr-00000003', { button: 'Retry' }),
  inTown('run', '/runs/$id', 'run-000000000005'),
  inTown('runner', '/runners/$id', 'rn-000000000003', { button: 'Pause Build box' }),
];

/** What the table has not that the page has, and the other way round. */
export function missing(what: string, ofThePage: readonly string[], ofTheTable: readonly string[]): string[] {
  const without = (all: readonly string[], known: readonly string[]): string[] => [...new Set(all)].filter((one) => !known.includes(one));
  return [
    ...without(ofThePage, ofTheTable).map((one) => `${what} ${one} is of the page and in no row of places.ts`),
    ...without(ofTheTable, ofThePage).map((one) => `${what} ${one} is in places.ts and not of the page`),
  ];
}

/** The leaves of the router that runs in the page, as it names them. */
export const routesOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { routesById } = (
      globalThis as unknown as { __TSR_ROUTER__: { routesById: Record<string, { fullPath: string; children?: unknown }> } }
    ).__TSR_ROUTER__;
    return Object.values(routesById)
      .filter((route) => !route.children)
      .map((route) => route.fullPath);
  });

/** The tabs of the settings, each a page of its own behind one route. */
export const tabsOf = async (page: Page): Promise<string[]> => {
  const links = page.getByRole('main').getByRole('navigation').getByRole('link');
  await links.first().waitFor();
  const addresses = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
  return addresses.map((address) => new URL(address, 'http://page').searchParams.get('tab') ?? '');
};
