import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { boardSearch } from './board-search.ts';
import { formatSearch, parseSearch, texts } from './search.ts';
import { Root } from './shell/Root.tsx';
import { TownShell } from './shell/TownShell.tsx';
import { NotFound, Problem, Screen } from './ui/States.tsx';

/** The addresses of the app (design/ui.md §2). Pages load when they are visited. */
const root = createRootRoute({
  component: Root,
  notFoundComponent: () => (
    <Screen>
      <NotFound />
    </Screen>
  ),
  validateSearch: (search) => texts(search, 'open', 'inner', 'view'),
});
const towns = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/Towns.tsx'), 'Towns'),
});
const wizard = createRoute({
  getParentRoute: () => root,
  path: '/new',
  component: lazyRouteComponent(() => import('./pages/New.tsx'), 'New'),
  validateSearch: (search) => texts(search, 'town', 'step'),
});
const town = createRoute({ getParentRoute: () => root, path: '/t/$town', component: TownShell });

const home = createRoute({
  getParentRoute: () => town,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/Home.tsx'), 'Home'),
  validateSearch: (search) => texts(search, 'see'),
});
const board = createRoute({
  getParentRoute: () => town,
  path: '/board',
  component: lazyRouteComponent(() => import('./pages/Board.tsx'), 'Board'),
  validateSearch: (search) => boardSearch(search),
});
const attention = createRoute({
  getParentRoute: () => town,
  path: '/attention',
  component: lazyRouteComponent(() => import('./pages/Attention.tsx'), 'Attention'),
});
const merges = createRoute({
  getParentRoute: () => town,
  path: '/merges',
  component: lazyRouteComponent(() => import('./pages/Merges.tsx'), 'Merges'),
});
const agents = createRoute({
  getParentRoute: () => town,
  path: '/agents',
  component: lazyRouteComponent(() => import('./pages/Agents.tsx'), 'Agents'),
});
const convoys = createRoute({
  getParentRoute: () => town,
  path: '/convoys',
  component: lazyRouteComponent(() => import('./pages/Convoys.tsx'), 'Convoys'),
});
const mail = createRoute({
  getParentRoute: () => town,
  path: '/mail',
  component: lazyRouteComponent(() => import('./pages/Mail.tsx'), 'Mail'),
  validateSearch: (search) => texts(search, 'agent'),
});
const settings = createRoute({
  getParentRoute: () => town,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/Settings.tsx'), 'Settings'),
  validateSearch: (search) => texts(search, 'tab', 'limit', 'add', 'rig'),
});
const rig = createRoute({
  getParentRoute: () => town,
  path: '/rigs/$rig',
  component: lazyRouteComponent(() => import('./pages/Rig.tsx'), 'Rig'),
});
const objectPage = lazyRouteComponent(() => import('./pages/ObjectPage.tsx'), 'ObjectPage');
const agent = createRoute({ getParentRoute: () => town, path: '/agents/$id', component: objectPage });
const bead = createRoute({ getParentRoute: () => town, path: '/beads/$id', component: objectPage });
const merge = createRoute({ getParentRoute: () => town, path: '/merges/$id', component: objectPage });
const convoy = createRoute({ getParentRoute: () => town, path: '/convoys/$id', component: objectPage });
const runner = createRoute({ getParentRoute: () => town, path: '/runners/$id', component: objectPage });
const run = createRoute({ getParentRoute: () => town, path: '/runs/$id', component: objectPage });

export const router = createRouter({
  routeTree: root.addChildren([
    towns,
    wizard,
    town.addChildren([home, board, attention, convoys, merges, agents, mail, settings, rig, agent, bead, convoy, merge, run, runner]),
  ]),
  parseSearch,
  stringifySearch: formatSearch,
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: ({ error, reset }) => <Problem error={error} retry={reset} />,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
  interface HistoryState {
    drawer?: boolean;
  }
}
