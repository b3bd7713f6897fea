// Development only: a made-up town with something in every state, for looking at the page and for screenshots.
const NOW = Date.now();
const min = (n) => NOW - n * 60_000;
const usage = (i, o, c, cost) => ({ inputTokens: i, outputTokens: o, cacheReadTokens: c, cacheWriteTokens: 0, costMicros: cost });
const hex = (n, seed) => Array.from({ length: n }, (_, i) => ((seed * 7 + i * 11 + ((seed * i) % 13)) % 16).toString(16)).join('');
const sha = (seed) => hex(40, seed);

export const TOWN = 'k3v9q0t2m4xa';
const RIG = { shop: 'rig-1a2b3c4d', docs: 'rig-2b3c4d5e', api: 'rig-3c4d5e6f' };
const AG = {
  mayor: 'ag-00000001',
  toast: 'ag-00000002',
  maple: 'ag-00000003',
  birch: 'ag-00000004',
  cedar: 'ag-00000005',
  willow: 'ag-00000006',
};

export const session = {
  user: { id: 'u1', name: 'You' },
  version: '0.1.0',
  demo: true,
  envProviders: ['anthropic'],
  suggestions: [
    'Add a --json flag to the export command, with tests',
    'Find the slowest test and make it twice as fast',
    'Write a page about the gates in the docs',
  ],
  agentKinds: [
    { id: 'kilo', label: 'Kilo CLI' },
    { id: 'opencode', label: 'OpenCode' },
  ],
  sample: { name: 'slugify', gitUrl: 'http://127.0.0.1:7331/git/slugify.git', gates: ['npm test'] },
};
export const towns = [
  { id: TOWN, name: 'acme', createdAt: min(60 * 24 * 9) },
  { id: 'p0p0p0p0p0p0', name: 'side project', createdAt: min(60 * 24 * 2) },
];

const town = {
  id: TOWN,
  name: 'acme',
  createdAt: min(60 * 24 * 9),
  paused: false,
  stopped: false,
  dispatchHeld: null,
  patrols: {},
  setup: { shared: [{ command: 'npm ci', required: true, timeoutMs: 300_000 }], polecat: [], refinery: [] },
  isolation: 'users',
  modelHeld: null,
  permissions: { web: 'ask', outside: 'deny', commands: 'allow' },
  stagedConvoysDefault: false,
  gates: ['npm ci'],
  container: { state: 'running', since: min(95), failure: null, idleSince: null },
  runnerConnected: true,
  runnerDrainingAt: null,
  model: { provider: 'anthropic', model: 'claude-sonnet-4-5', baseUrl: null, price: null, effort: 'medium' },
  roleModels: { polecat: { model: null, effort: 'high' } },
  modelKey: 'x7Qa',
  scripted: true,
  canRehearse: false,
  agentKind: 'kilo',
  maxPolecats: 10,
  busyPolecats: 3,
  budgetMicros: 20_000_000,
  usage: usage(812_400, 94_210, 2_412_000, 7_604_200),
  gitName: 'Gas Town',
  gitEmail: 'town@example.org',
};
const rig = (id, name, state, busy, over = {}) => ({
  id,
  name,
  paused: false,
  gitUrl: `https://git.example.org/acme/${name}.git`,
  createdAt: min(9_000),
  defaultBranch: 'main',
  empty: false,
  state,
  failure: null,
  failingSince: state === 'unreachable' ? min(12) : null,
  looksAgainAt: state === 'unreachable' ? Date.now() + 90_000 : null,
  tokenSet: true,
  gates: ['npm ci', 'npm test'],
  permissions: {},
  setup: null,
  maxPolecats: 3,
  busyPolecats: busy,
  badLines: name === 'docs' ? { lines: 3, since: min(90) } : null,
  usage: usage(400_000, 40_000, 900_000, 3_210_000),
  ...over,
});
const rigs = [
  rig(RIG.shop, 'shop', 'ready', 2),
  rig(RIG.docs, 'docs', 'ready', 1),
  rig(RIG.api, 'billing-api', 'unreachable', 0, {
    failure: { code: 'repository_refused', message: 'The repository refused the credentials: token expired on 20 Nov.' },
  }),
];

let seq = 0;
const bead = (id, title, status, over = {}) => ({
  id,
  type: 'issue',
  status,
  title,
  body: '',
  rigId: RIG.shop,
  parentId: null,
  convoyId: null,
  convoyPlace: null,
  kind: 'task',
  hold: null,
  deferUntil: null,
  timeoutMs: null,
  priority: 'medium',
  labels: [],
  createdBy: 'Mayor',
  createdAt: min(200 - seq++),
  updatedAt: min(20),
  closedAt: null,
  archivedAt: null,
  assigneeId: null,
  dependsOn: [],
  wait: null,
  ready: false,
  failure: null,
  attempts: 0,
  mergeId: null,
  landedCommit: null,
  usage: usage(0, 0, 0, 0),
  ...over,
});
const wait = (code, ref = null, until = null) => ({ code, ref, until });
const BODY = `The settings page has grown to 900 lines. Take the **form** out of it.

- Move \`SettingsForm\` into its own file, with its validation
- Keep the public props as they are
- Tests for the three fields that are validated on blur

\`\`\`ts
export interface SettingsFormProps {
  readonly initial: Settings;
  onSave(next: Settings): Promise<void>; // rejects with the reason
}
\`\`\`

See <b>html</b> in [the notes](https://example.org/notes), and ![a picture](https://example.org/never-loaded.png).`;
const beads = [
  bead('gt-1a2b3c4d', 'Extract the settings form', 'in_progress', {
    body: BODY,
    priority: 'high',
    assigneeId: AG.toast,
    attempts: 1,
    labels: ['refactor'],
    wait: wait('agent_working'),
    usage: usage(81_000, 9_400, 210_000, 612_300),
  }),
  bead('gt-2b3c4d5e', 'Keyboard navigation in the cart drawer, including focus return', 'in_progress', {
    assigneeId: AG.maple,
    wait: wait('permission_asked', 'pm-000000000001'),
    usage: usage(40_200, 5_100, 120_000, 301_000),
  }),
  bead('gt-3c4d5e6f', 'Explain the checkout webhooks in the guide', 'in_progress', {
    rigId: RIG.docs,
    assigneeId: AG.willow,
    wait: wait('agent_working'),
    usage: usage(22_000, 3_000, 80_000, 142_000),
    priority: 'low',
  }),
  bead('gt-4d5e6f70', 'Tests for the settings form', 'open', {
    dependsOn: [{ id: 'gt-1a2b3c4d', type: 'blocks' }],
    wait: wait('blocked_by_open', 'gt-1a2b3c4d'),
  }),
  bead('gt-5e6f7081', 'Show a summary row in the order export', 'open', { priority: 'critical', wait: wait('no_slot'), ready: true }),
  bead('gt-6f708192', 'Round totals in the invoice PDF', 'open', {
    rigId: RIG.api,
    wait: wait('rig_unreachable'),
    ready: true,
    priority: 'high',
    labels: ['bug'],
  }),
  bead('gt-708192a3', 'Migrate stored carts to the new totals', 'open', {
    dependsOn: [{ id: 'gt-b0b0b0b0', type: 'blocks' }],
    wait: wait('blocked_by_failed', 'gt-b0b0b0b0'),
  }),
  bead('gt-8192a3b4', 'Document the retry header', 'open', {
    rigId: RIG.docs,
    wait: wait('retry_later', null, NOW + 40_000),
    attempts: 1,
    priority: 'low',
    labels: ['docs'],
  }),
  bead('gt-92a3b4c5', 'Debounce the search box', 'in_review', {
    mergeId: 'mr-00000001',
    wait: wait('testing'),
    assigneeId: AG.birch,
    usage: usage(30_000, 3_900, 99_000, 244_000),
  }),
  bead('gt-a3b4c5d6', 'Keep the filter in the URL', 'in_review', {
    mergeId: 'mr-00000002',
    wait: wait('in_queue'),
    assigneeId: AG.cedar,
    usage: usage(28_000, 3_100, 88_000, 208_000),
  }),
  bead('gt-b0b0b0b0', 'Compute totals in integer cents', 'failed', {
    priority: 'high',
    attempts: 3,
    mergeId: 'mr-00000003',
    failure: {
      code: 'attempts_exhausted',
      message: 'Every attempt at this bead failed: npm test, 2 of 214 tests.',
      source: 'scheduler',
      details: { attempts: 3, last: 'gate_failed', command: 'npm test' },
    },
    usage: usage(120_000, 14_000, 420_000, 1_104_000),
  }),
  bead('gt-b0b0b0b1', 'Sign the release archives', 'in_review', {
    assigneeId: AG.birch,
    mergeId: 'mr-00000006',
    wait: wait('needs_person', 'mr-00000006'),
    usage: usage(18_000, 2_000, 60_000, 160_000),
  }),
  bead('gt-d0d0d0d0', 'Checkout without an account', 'open', {
    kind: 'epic',
    priority: 'high',
    wait: wait('not_dispatched'),
    ready: true,
    labels: ['checkout'],
  }),
  bead('gt-d0d0d0d1', 'Guest address form', 'open', {
    hold: 'staged',
    wait: wait('staged'),
    parentId: 'gt-d0d0d0d0',
    labels: ['checkout'],
    dependsOn: [
      { id: 'gt-d0d0d0d0', type: 'parent-child' },
      { id: 'gt-a3b4c5d6', type: 'conditional-blocks' },
      { id: 'external:payments-417', type: 'blocks' },
      { id: 'gt-c0c0c0c0', type: 'discovered-from' },
    ],
    timeoutMs: 1_800_000,
  }),
  bead('gt-d0d0d0d2', 'Mail the receipt to guests', 'open', {
    deferUntil: NOW + 3 * 86_400_000,
    wait: wait('deferred', null, NOW + 3 * 86_400_000),
    parentId: 'gt-d0d0d0d0',
    dependsOn: [{ id: 'gt-d0d0d0d0', type: 'parent-child' }],
  }),
  bead('acme-7', 'Sort the countries anew', 'open', {
    hold: 'deferred',
    deferUntil: NOW + 9 * 86_400_000,
    wait: wait('deferred'),
  }),
  bead('gt-d0d0d0d3', 'Release on Thursdays only', 'open', { hold: 'pinned', wait: wait('held'), kind: 'decision' }),
  bead('gt-d0d0d0d4', 'Guest checkout behind a flag', 'closed', {
    parentId: 'gt-d0d0d0d0',
    closedAt: min(300),
    landedCommit: sha(4),
    dependsOn: [{ id: 'gt-d0d0d0d0', type: 'parent-child' }],
  }),
  bead('gt-e0e0e0e0', 'Remove the old cart cookie', 'closed', { closedAt: min(9_000), archivedAt: min(400), landedCommit: sha(5) }),
  bead('gt-e0e0e0e1', 'Wait for the payment provider', 'open', {
    dependsOn: [{ id: 'external:payments-417', type: 'blocks' }],
    wait: wait('blocked_by_external', 'external:payments-417'),
    priority: 'low',
  }),
  ...[
    'Add a --json flag to the export command',
    'Trim trailing slashes from base URLs',
    'Faster cold start of the test suite',
    'Sort countries by local name',
    'Replace moment with date-fns',
    'Typo on the pricing page',
    'Cache product images for a day',
  ].map((title, i) =>
    bead(`gt-c0c0c0c${i}`, title, 'closed', {
      rigId: i % 3 === 1 ? RIG.docs : RIG.shop,
      closedAt: min(30 + i * 190),
      updatedAt: min(30 + i * 190),
      createdAt: min(70 + i * 200),
      landedCommit: sha(i + 3),
      mergeId: i === 0 ? 'mr-00000004' : null,
      attempts: 1,
      usage: usage(30_000, 4_000, 90_000, 190_000 + i * 41_000),
      priority: ['medium', 'low', 'high'][i % 3],
    }),
  ),
];
const agent = (id, name, role, status, over = {}) => ({
  id,
  name,
  role,
  identity: `${name.toLowerCase()}@acme`,
  rigId: RIG.shop,
  status,
  paused: false,
  beadId: null,
  runId: null,
  asks: null,
  statusLine: null,
  lastActivityAt: min(1),
  createdAt: min(8_000),
  usage: usage(120_000, 14_000, 400_000, 904_000),
  ...over,
});
const agents = [
  agent(AG.mayor, 'Mayor', 'mayor', 'working', { rigId: null, runId: 'run-000000000001' }),
  agent(AG.toast, 'Toast', 'polecat', 'working', {
    beadId: 'gt-1a2b3c4d',
    runId: 'run-000000000002',
    statusLine: 'editing src/settings/form.tsx',
  }),
  agent(AG.maple, 'Maple', 'polecat', 'waiting', {
    asks: 'pm-000000000001',
    beadId: 'gt-2b3c4d5e',
    runId: 'run-000000000003',
    statusLine: 'npm test, second time',
  }),
  agent(AG.birch, 'Birch', 'polecat', 'idle', { lastActivityAt: min(6) }),
  agent(AG.cedar, 'Cedar', 'polecat', 'stalled', { lastActivityAt: min(14), statusLine: 'no output for 9 minutes' }),
  agent(AG.willow, 'Willow', 'polecat', 'waiting', {
    rigId: RIG.docs,
    beadId: 'gt-3c4d5e6f',
    runId: 'run-000000000004',
    statusLine: 'asks which webhook version to describe',
    lastActivityAt: min(3),
  }),
];
const commit = (seed, subject) => ({ sha: sha(seed), subject, author: 'Gas Town', at: min(22) });
const run = (id, agentId, beadId, state, over = {}) => ({
  id,
  agentId,
  beadId,
  rigId: RIG.shop,
  runnerId: 'home',
  generation: 1,
  attempt: 1,
  state,
  model: 'claude-sonnet-4-5',
  effort: 'high',
  away: null,
  agentKind: 'kilo',
  startedAt: min(26),
  endedAt: null,
  endReason: null,
  failure: null,
  branch: 'gt/toast/1a2b3c4d',
  headCommit: null,
  commits: [],
  summary: null,
  usage: usage(81_000, 9_400, 210_000, 612_300),
  ...over,
});
const runner = (id, name, over = {}) => ({
  id,
  name,
  kind: 'machine',
  createdAt: min(3_000),
  rigs: null,
  places: null,
  busy: 0,
  paused: false,
  connected: true,
  linkSince: min(95),
  drainingAt: null,
  failure: null,
  isolation: 'none',
  agentKinds: ['kilo', 'opencode'],
  tokenSerial: 1,
  ...over,
});
const home = runner('home', 'Container', {
  kind: 'container',
  busy: 2,
  isolation: 'users',
  tokenSerial: null,
  createdAt: min(60 * 24 * 9),
});
const runners = [
  home,
  runner('rn-000000000001', 'Machine in the attic', { rigs: [RIG.docs], places: 2, busy: 1 }),
  runner('rn-000000000002', 'Ada’s laptop', { rigs: [RIG.api], connected: false, linkSince: min(300) }),
  runner('rn-000000000003', 'Build box', {
    busy: 0,
    failure: { code: 'runner_wedged', message: 'It owes an answer since 12:31 and says nothing.' },
  }),
  runner('rn-000000000004', 'Not there yet', { connected: false, linkSince: null, isolation: null, agentKinds: [] }),
];
const runs = [
  run('run-000000000001', AG.mayor, null, 'working', { rigId: null, branch: null }),
  run('run-000000000002', AG.toast, 'gt-1a2b3c4d', 'working', {
    attempt: 2,
    generation: 2,
    commits: [commit(5, 'Move the form into its own file'), commit(6, 'Keep the validation beside its fields')],
  }),
  run('run-000000000012', AG.birch, 'gt-1a2b3c4d', 'ended', {
    startedAt: min(60),
    endedAt: min(41),
    endReason: 'failed',
    failure: { code: 'gate_failed', message: 'npm test: exit 1, SettingsForm keeps the focus on blur' },
  }),
  run('run-000000000003', AG.maple, 'gt-2b3c4d5e', 'working'),
  run('run-000000000004', AG.willow, 'gt-3c4d5e6f', 'working', { rigId: RIG.docs, runnerId: 'rn-000000000001' }),
  run('run-000000000005', AG.birch, 'gt-c0c0c0c0', 'ended', {
    startedAt: min(66),
    endedAt: min(34),
    endReason: 'done',
    summary: 'Export takes --json; the table stays the default. Four tests.',
    commits: [commit(8, 'Export as JSON'), commit(9, 'Tests for export --json')],
  }),
  ...[1, 2, 3].map((n) =>
    run(`run-00000000010${n}`, n === 2 ? AG.maple : AG.birch, 'gt-b0b0b0b0', 'ended', {
      attempt: n,
      generation: n,
      startedAt: min(180 - n * 30),
      endedAt: min(165 - n * 30),
      endReason: 'failed',
      failure: { code: 'gate_failed', message: 'npm test: exit 1, 2 of 214 tests failed' },
    }),
  ),
];
const TEST_OUT = ` RUN  v4.1.11 /home/ada/shop\n\n ✓ src/cart/cart.test.ts (41 tests) 212ms\n ✓ src/export/export.test.ts (18 tests) 95ms\n ❯ src/totals/totals.test.ts (12 tests | 2 failed) 38ms\n   × adds fractions of a cent without drift\n     → expected 1998 to be 1999\n   × rounds half to even\n     → expected 250 to be 251\n\n Test Files  1 failed | 27 passed (28)\n      Tests  2 failed | 212 passed (214)`;
const gate = (command, exitCode, ms, output = '', over = {}) => ({
  command,
  exitCode,
  timedOut: false,
  durationMs: ms,
  output,
  truncated: false,
  ...over,
});
const merge = (id, beadId, agentId, phase, over = {}) => ({
  id,
  runnerId: phase === 'queued' ? null : 'home',
  beadId,
  rigId: RIG.shop,
  runId: 'run-000000000005',
  agentId,
  branch: `gt/birch/${beadId.slice(3)}`,
  targetBranch: 'main',
  headCommit: sha(9),
  phase,
  position: null,
  builds: 1,
  baseCommit: sha(2),
  mergeCommit: sha(12),
  gates: [],
  failure: null,
  createdAt: min(12),
  updatedAt: min(4),
  landedAt: null,
  ...over,
});
const merges = [
  merge('mr-00000001', 'gt-92a3b4c5', AG.birch, 'testing', { gates: [gate('npm ci', 0, 8_412, 'added 212 packages in 8s')] }),
  merge('mr-00000002', 'gt-a3b4c5d6', AG.cedar, 'queued', { position: 2, mergeCommit: null, baseCommit: null, builds: 0 }),
  merge('mr-00000003', 'gt-b0b0b0b0', AG.birch, 'failed', {
    failure: { code: 'gate_failed', message: 'npm test: exit 1, 2 of 214 tests failed' },
    gates: [gate('npm ci', 0, 8_102, 'added 212 packages in 8s'), gate('npm test', 1, 21_904, TEST_OUT)],
    createdAt: min(80),
    updatedAt: min(76),
  }),
  merge('mr-00000005', 'gt-b0b0b0b0', AG.birch, 'failed', {
    failure: { code: 'gate_failed', message: 'npm test: exit 1, 9 of 214 tests failed' },
    gates: [gate('npm test', 1, 22_410, TEST_OUT)],
    createdAt: min(140),
    updatedAt: min(138),
  }),
  merge('mr-00000006', 'gt-b0b0b0b1', AG.birch, 'failed', {
    failure: { code: 'push_refused', message: 'The repository refused the push to main: protected branch.' },
    createdAt: min(44),
    updatedAt: min(41),
  }),
  merge('mr-00000004', 'gt-c0c0c0c0', AG.birch, 'landed', {
    landedAt: min(30),
    updatedAt: min(30),
    gates: [
      gate('npm ci', 0, 7_902, 'added 212 packages in 8s'),
      gate('npm test', 0, 20_411, ' Test Files  28 passed (28)\n      Tests  216 passed (216)'),
    ],
  }),
];
const escalations = [
  {
    id: 'es-00000001',
    beadId: 'gt-3c4d5e6f',
    rigId: RIG.docs,
    agentId: AG.willow,
    severity: 'high',
    category: 'decision',
    message: 'Two webhook versions are in use. Which one should the guide describe, v1 or v2?',
    createdAt: min(3),
    acknowledgedAt: null,
    acknowledgedBy: null,
    topic: null,
  },
  {
    id: 'es-00000002',
    beadId: 'gt-b0b0b0b0',
    rigId: RIG.shop,
    agentId: null,
    severity: 'medium',
    category: 'failed',
    message: 'Three attempts failed at the gate npm test: 2 of 214 tests. Change the bead, or retry it.',
    createdAt: min(74),
    acknowledgedAt: null,
    topic: null,
    acknowledgedBy: null,
  },
  {
    id: 'es-00000003',
    beadId: 'gt-b0b0b0b1',
    rigId: RIG.shop,
    agentId: AG.birch,
    severity: 'high',
    category: 'failed',
    message: 'Sign the release archives cannot be merged: The repository refused the push to main: protected branch.',
    createdAt: min(41),
    acknowledgedAt: null,
    topic: null,
    acknowledgedBy: null,
  },
];
const ev = (type, actor, agentId, beadId, at, after = null, before = null) => ({
  id: 0,
  at: min(at),
  type,
  beadId,
  agentId,
  actor,
  before,
  after,
  data: {},
});
const events = [
  { ...ev('permission_asked', 'runner', AG.maple, 'gt-2b3c4d5e', 2), data: { title: 'npm publish --dry-run' } },
  { ...ev('permission_answered', 'You', AG.toast, 'gt-1a2b3c4d', 12), data: { title: 'Read docs.example.org/carts', decision: 'once' } },
  ev('escalated', AG.willow, AG.willow, 'es-00000001', 3),
  ev('escalated', 'town', null, 'es-00000002', 74),
  { ...ev('runner_drains', 'runner', null, null, 5), data: { runnerId: 'rn-000000000001', graceMs: 60_000 } },
  ev('review_submitted', AG.birch, AG.birch, 'gt-92a3b4c5', 6),
  ev('status_changed', 'town', null, 'gt-92a3b4c5', 6, 'in_review', 'in_progress'),
  ev('hooked', AG.toast, AG.toast, 'gt-1a2b3c4d', 26),
  ev('agent_spawned', AG.maple, AG.maple, null, 27),
  ev('landed', 'town', null, 'gt-c0c0c0c0', 30, 'closed'),
  ev('review_completed', 'town', null, 'gt-1a2b3c4d', 41, 'failed'),
  ev('hooked', AG.birch, AG.birch, 'gt-1a2b3c4d', 60),
  ev('status_changed', 'town', null, 'gt-b0b0b0b0', 74, 'failed', 'open'),
  ev('created', AG.mayor, AG.mayor, 'gt-4d5e6f70', 90),
  ev('created', AG.mayor, AG.mayor, 'gt-1a2b3c4d', 91),
].map((event, index, all) => ({ ...event, id: all.length - index }));
const nudges = [
  {
    id: 'nu-000000000001',
    agentId: AG.mayor,
    text: 'Split the settings page and add tests',
    mode: 'wait-idle',
    source: 'person',
    createdAt: min(92),
    state: 'delivered',
    deliveredAt: min(92),
  },
];

const limits = [
  { id: 'town:k3v9q0t2m4xa', level: 'town', of: 'k3v9q0t2m4xa', softMicros: 15_000_000, hardMicros: 20_000_000 },
  { id: `rig:${RIG.shop}`, level: 'rig', of: RIG.shop, softMicros: 3_000_000, hardMicros: 6_000_000 },
  { id: 'bead:*', level: 'bead', of: '*', softMicros: null, hardMicros: 1_000_000 },
];
const convoy = (id, title, status, total, closed, over = {}) => ({
  id,
  title,
  status,
  paused: false,
  mergeMode: 'review-and-merge',
  total,
  closed,
  failed: 0,
  usage: usage(200_000, 20_000, 600_000, 1_180_000),
  wait: null,
  createdBy: 'Mayor',
  createdAt: min(240),
  landedAt: null,
  archivedAt: null,
  ...over,
});
const convoys = [
  convoy('cv-00000001', 'Settings split: form, tests, docs', 'open', 5, 2),
  convoy('cv-00000002', 'Totals in integer cents', 'open', 4, 1, {
    failed: 1,
    wait: wait('blocked_by_failed', 'gt-b0b0b0b0'),
    createdAt: min(180),
  }),
  convoy('cv-00000003', 'Guest checkout', 'staged', 3, 0, { wait: wait('staged'), createdBy: 'You', createdAt: min(30) }),
  convoy('cv-00000004', 'Search at speed', 'open', 6, 3, { paused: true, wait: wait('convoy_paused'), createdAt: min(900) }),
  convoy('cv-00000005', 'A --json flag everywhere', 'landed', 7, 7, { landedAt: min(400) }),
];
const members = {
  'cv-00000001': ['gt-1a2b3c4d', 'gt-4d5e6f70', 'gt-c0c0c0c0', 'gt-c0c0c0c1', 'gt-3c4d5e6f'],
  'cv-00000002': ['gt-b0b0b0b0', 'gt-708192a3', 'gt-6f708192', 'gt-c0c0c0c2'],
  'cv-00000003': ['gt-d0d0d0d1', 'gt-d0d0d0d2', 'gt-e0e0e0e1'],
};
for (const [id, beadIds] of Object.entries(members))
  beadIds.forEach((beadId, place) =>
    Object.assign(
      beads.find((one) => one.id === beadId),
      { convoyId: id, convoyPlace: place },
    ),
  );
const mail = [
  {
    id: 'ml-00000001',
    from: 'Toast',
    fromAgentId: AG.toast,
    agentId: AG.mayor,
    subject: 'The form has a hidden dependency',
    body: 'SettingsForm reads the theme from a module variable.\nI keep it for now; somebody should look at it after the tests are in.',
    createdAt: min(14),
    deliveredAt: null,
  },
  {
    id: 'ml-00000002',
    from: 'You',
    fromAgentId: null,
    agentId: AG.birch,
    subject: 'Please keep the public props',
    body: 'The docs site imports them.',
    createdAt: min(70),
    deliveredAt: min(66),
  },
];
const step = (id, title, state, over = {}) => ({ id, title, text: '', needs: [], state, summary: null, doneAt: null, ...over });
const molecules = [
  {
    id: 'mo-00000001',
    beadId: 'gt-1a2b3c4d',
    title: 'Take a form out of a page',
    steps: [
      step('step-1', 'Write down what the form does today', 'done', {
        summary: 'Three fields validated on blur, one on submit.',
        doneAt: min(20),
      }),
      step('step-2', 'Move it, change nothing', 'ready', { text: 'One commit that only moves.', needs: ['step-1'] }),
      step('step-3', 'Tests for each field', 'waiting', { needs: ['step-2'] }),
      step('step-4', 'Remove what is left in the page', 'waiting', { needs: ['step-3'] }),
    ],
    done: 1,
    createdAt: min(80),
    closedAt: null,
  },
];
const triage = [
  {
    id: 'tr-1a2b3c4d',
    kind: 'stuck_agent',
    agentId: AG.cedar,
    beadId: 'gt-a3b4c5d6',
    rigId: RIG.shop,
    message: 'No output for 21 minutes, and two nudges were not answered. Its last words: "waiting for the test runner".',
    actions: ['RESTART', 'REASSIGN_BEAD', 'NUDGE', 'CLOSE_BEAD', 'ESCALATE_TO_MAYOR'],
    createdAt: min(9),
    resolvedAt: null,
    resolvedBy: null,
    action: null,
    notes: null,
  },
  {
    id: 'tr-2b3c4d5e',
    kind: 'crash_loop',
    agentId: AG.birch,
    beadId: 'gt-b0b0b0b0',
    rigId: RIG.shop,
    message: 'Birch failed 5 times within 60 minutes, the last time: npm test: exit 1, 2 of 214 tests failed',
    actions: ['RESTART', 'REASSIGN_BEAD', 'CLOSE_BEAD', 'ESCALATE_TO_MAYOR'],
    createdAt: min(73),
    resolvedAt: null,
    resolvedBy: null,
    action: null,
    notes: null,
  },
];
const permission = (id, runId, agentId, beadId, over = {}) => ({
  id,
  runId,
  agentId,
  beadId,
  rigId: RIG.shop,
  category: 'web',
  title: 'Read docs.example.org/carts',
  detail: 'GET https://docs.example.org/carts/v2/migration?lang=en',
  askedAt: min(2),
  until: min(2) + 86_400_000,
  answeredAt: null,
  answeredBy: null,
  decision: null,
  reason: null,
  ...over,
});
const permissions = [
  permission('pm-000000000001', 'run-000000000003', AG.maple, 'gt-2b3c4d5e', {
    category: 'commands',
    title: 'npm publish --dry-run',
    detail: 'cd packages/cart && npm publish --dry-run --access public 2>&1 | tee /tmp/<b>publish</b>.log',
  }),
  permission('pm-000000000002', 'run-000000000002', AG.toast, 'gt-1a2b3c4d', { answeredAt: min(12), answeredBy: 'You', decision: 'once' }),
];
/** Spend by minute, made up but adding up. */
export function spendSeries({ window, by }) {
  const { minutes, bucketMinutes } = { '1h': [60, 1], '6h': [360, 5], '24h': [1_440, 20], '7d': [10_080, 120] }[window].reduce(
    (all, value, at) => ({ ...all, [at === 0 ? 'minutes' : 'bucketMinutes']: value }),
    {},
  );
  const buckets = minutes / bucketMinutes;
  const keys = {
    town: [''],
    rig: [RIG.shop, RIG.docs, '', RIG.api],
    agent: Object.values(AG),
    model: ['claude-sonnet-4-5', 'claude-haiku-4-5'],
  }[by];
  const lines = keys.map((key, line) => {
    const points = Array.from({ length: buckets }, (_, at) => {
      if (window === '7d' && at < 9) return null;
      const busy = Math.max(0, Math.sin(at / 7 + line * 2) + Math.sin(at / 3 + line) * 0.6) * (at % 5 === line ? 0.3 : 1);
      const cost = Math.round((busy * 42_000 * bucketMinutes) / (line + 1));
      return usage(cost * 4, cost, cost * 9, cost);
    });
    const sum = (field) => points.reduce((all, point) => all + (point?.[field] ?? 0), 0);
    return { key, total: usage(sum('inputTokens'), sum('outputTokens'), sum('cacheReadTokens'), sum('costMicros')), points };
  });
  return {
    window,
    by,
    from: NOW - minutes * 60_000,
    bucketMs: bucketMinutes * 60_000,
    lines,
    total: usage(812_400, 94_210, 2_412_000, 7_604_200),
    now: { tokensPerSecond: 184.2, microsPerSecond: 510 },
  };
}
const quarantine = [
  {
    id: 'qu-1a2b3c4d5e6f',
    source: 'report',
    kind: 'run.ended',
    payload: '{ "kind": "run.ended", "runId": "run-000000000003", "headCommit": "…" }',
    retriable: true,
    error: 'A commit of 39 characters is no commit.',
    tries: 3,
    times: 2,
    firstAt: min(50),
    at: min(12),
  },
];
const parked = [
  {
    id: 'ef-0a1b2c3d4e5f',
    kind: 'rig.fetch',
    target: 'billing-api',
    attempts: 10,
    failure: { code: 'repository_refused', message: 'The repository refused the credentials: token expired on 20 Nov.' },
    at: min(55),
  },
];
/** What the doctor says: one thing wrong, one note, something to do. */
/** What no frame brings: a bead and a question of long ago. */
const elsewhere = [
  bead('gt-wmhj', 'Count words of a text in every script', 'closed', {
    body: BODY,
    createdAt: min(90_000),
    updatedAt: min(80_000),
    closedAt: min(80_000),
    dependsOn: [{ id: 'gt-c0c0c0c0', type: 'related' }],
  }),
  bead('es-00000000000f', 'Which of the two parsers should stay?', 'closed', {
    type: 'escalation',
    createdAt: min(90_000),
    updatedAt: min(89_000),
    closedAt: min(89_000),
    parentId: 'gt-wmhj',
  }),
];
/** Closed long ago: none is in a snapshot. */
export const old = Array.from({ length: 240 }, (_, n) => {
  const at = min(100_000 + n * 900);
  return {
    ...bead(`gt-old${n}`, `Take PR #${1_200 - n}: clean the table of sizes`, 'closed', { createdAt: at, updatedAt: at, closedAt: at }),
    body: null,
  };
});
/** The newest closed first, as the town lists them. */
export function beadsPage(rows, { status, archived = 'without', text = '', rig, label, kind, after, limit = 100 }) {
  const found = rows
    .filter(
      (row) =>
        row.type === 'issue' &&
        (!status || row.status === status) &&
        (!rig || row.rigId === rig) &&
        (!kind || row.kind === kind) &&
        (!label || row.labels.includes(label)) &&
        (archived === 'with' || (archived === 'only') === (row.archivedAt !== null)) &&
        text
          .toLowerCase()
          .split(/\s+/)
          .every((word) => `${row.title} ${row.id} ${row.labels.join(' ')}`.toLowerCase().includes(word)),
    )
    .toSorted((a, b) => (b.closedAt ?? Infinity) - (a.closedAt ?? Infinity) || 0);
  const place = (row) => row.closedAt ?? Number.MAX_SAFE_INTEGER;
  const rest = after ? found.filter((row) => place(row) < Number(after.split('.')[0])) : found;
  const page = rest.slice(0, Number(limit));
  const next = page.length > 0 && rest.length > page.length ? `${place(page.at(-1))}.0` : null;
  return { beads: page.map((row) => ({ ...row, body: null })), total: found.length, next };
}
export function beadAnswer(id) {
  const found =
    old.map((row) => ({ ...row, body: '' })).find((one) => one.id === id) ??
    elsewhere.find((one) => one.id === id) ??
    beads.find((one) => one.id === id);
  return (
    found && {
      bead: found,
      why: null,
      about: found.parentId && { kind: 'bead', id: found.parentId },
      origin: id === 'acme-7' ? ORIGIN : null,
    }
  );
}
/** What the file says that it came in: comments, and a dependency on what is not here. */
const ORIGIN = {
  came: { by: 'You', at: min(5), importId: 'im-0123abcd' },
  importId: 'im-0123abcd',
  at: min(5),
  createdBy: null,
  createdAt: min(90_000),
  assignee: 'acme/crew/wolf',
  closeReason: null,
  comments: [
    {
      author: 'acme/crew/giles',
      at: min(80_000),
      text: 'Seen in **production**:\n\n- Åland stands last\n- so does `Österreich`',
      cut: false,
    },
    { author: null, at: null, text: '<img src=x onerror=alert(1)> is text here.', cut: true },
  ],
  earlierComments: 2,
  untaken: [{ dependsOn: 'zz-404', type: 'blocks', why: 'zz-404 is not here' }],
  moreUntaken: 0,
};
/** In pages of three, so that there is more. */
export function beadEvents(id, before = Infinity) {
  const life = ['created', 'assigned', 'edited', 'edited', 'edited', 'closed'].map((type, at) => ({
    id: at + 1,
    at: min(90_000 - at * 2_000),
    type,
    beadId: id,
    agentId: null,
    actor: 'You',
    before: null,
    after: type === 'closed' ? 'closed' : null,
    data: {},
  }));
  const known = (elsewhere.some((one) => one.id === id) ? life : events.filter((event) => event.beadId === id))
    .filter((event) => event.id < before)
    .toSorted((a, b) => b.id - a.id);
  return { events: known.slice(0, 3), earlier: known.length > 3 };
}

export const audit = () => ({
  town: { id: TOWN, name: 'acme' },
  at: Date.now(),
  rev: 4_211,
  schema: 9,
  ok: false,
  findings: [
    {
      check: 'I3',
      at: min(1),
      grade: 'bad',
      found: 'gt-2b3c4d5e is in progress and no run holds it.',
      promise: 'Whatever is in progress has one live run with a lease.',
      means: 'Nobody works on this bead, and nothing would start it again.',
      next: 'Set its status to open, or retry it.',
      since: { id: 412, at: min(18), type: 'status_changed', actor: 'town', cause: 'cmd-1' },
    },
    {
      check: 'RC-9',
      at: min(1),
      grade: 'note',
      found: 'One effect is parked: rig.fetch of billing-api.',
      promise: 'What cannot be done is shown and waits for a person.',
      means: 'Nothing of billing-api can start before it.',
      next: 'Renew the token in Settings › Repositories, then try again.',
      since: null,
    },
  ],
  left: 0,
  checks: ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I8', 'I9', 'I10', 'I12', 'I13', 'I14'].map((check) => ({
    check,
    promise:
      {
        I1: 'A bead has one place and one status.',
        I3: 'Whatever is in progress has one live run with a lease.',
      }[check] ?? 'Each effect is done once, or known not to be done.',
    found: check === 'I3' ? 1 : 0,
  })),
  replay: {
    events: 1_904,
    beads: 212,
    edges: 88,
    compared: 3_412,
    unknown: 12,
    differences: [{ id: 'gt-2b3c4d5e', column: 'status', ledger: 'open', table: 'in_progress', last: null }],
    left: 0,
  },
  dryRun: {
    steps: [
      {
        rule: 'dispatch',
        what: 'Give the next bead in line to a free polecat of shop.',
        why: 'a slot is free and a bead is ready',
        subject: 'gt-5e6f7081',
      },
      { rule: 'leases', what: 'Take back what nobody renews.', why: 'a silent holder is given up', subject: 'run-000000000003' },
    ],
    effects: [{ id: 'ef-1', kind: 'run.start', target: 'shop' }],
    nextWake: Date.now() + 40_000,
    broken: [],
  },
  effects: { pending: 2, sent: 1, parked: 1 },
  quarantined: 1,
  needs: { total: 1, first: ['The town is stopped'] },
  due: [
    { at: Date.now() + 40_000, what: 'gt-8192a3b4 is tried again' },
    { at: Date.now() + 3 * 86_400_000, what: 'gt-d0d0d0d2 is put off no longer' },
  ],
  nextWake: Date.now() + 40_000,
  metrics: {
    since: min(95),
    commands: { 'bead.create': 12, 'mayor.tell': 4 },
    refused: 1,
    actions: { dispatch: 14, leases: 2 },
    broken: {},
    unreadable: 0,
    quarantined: 1,
    ticks: { count: 412, lastMs: [1, 0, 2], slowestMs: 14, slow: 0 },
  },
});

/** Judges lines as the town does, roughly. */
export function judge(text, { rig, dryRun, start, after, only }) {
  const lines = text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const base = { line: index + 1, id: null, verdict: 'bad', field: null, why: null, untaken: [] };
    try {
      const { id, title, dependencies = [] } = JSON.parse(line);
      if (!title) return [{ ...base, id, field: 'title', why: 'A bead needs a title: one line of text.' }];
      const untaken = dependencies
        .filter((edge) => !text.includes(`"id":"${edge.depends_on_id}"`))
        .map((edge) => ({ dependsOn: edge.depends_on_id, type: edge.type, why: 'There is no such bead in the file or in the town.' }));
      return [{ ...base, id, verdict: index % 9 === 4 ? 'updated' : index % 11 === 6 ? 'unchanged' : 'created', untaken }];
    } catch {
      return [{ ...base, why: 'This line is not JSON: it ends in the middle of a text.' }];
    }
  });
  const of = (verdict) => lines.filter((line) => line.verdict === verdict).length;
  const created = of('created');
  const wanted = lines.filter(
    (line) => line.line > (after ?? 0) && (!only || (only === 'untaken' ? line.untaken.length > 0 : line.verdict === only)),
  );
  return {
    importId: dryRun ? null : 'im-1a2b3c4d',
    rigId: rig,
    dryRun,
    counts: {
      lines: lines.length,
      created,
      updated: of('updated'),
      unchanged: of('unchanged'),
      older: 0,
      skipped: 0,
      bad: of('bad'),
      edges: 3,
      untakenEdges: lines.reduce((sum, line) => sum + line.untaken.length, 0),
      untakenLines: lines.filter((line) => line.untaken.length > 0).length,
      staged: start ? 0 : created,
    },
    lines: wanted.slice(0, 1_000),
    more: Math.max(0, wanted.length - 1_000),
  };
}

export const full = {
  town: [town],
  rigs,
  beads,
  agents,
  runs,
  merges,
  nudges,
  escalations,
  events,
  parked,
  limits,
  quarantine,
  convoys,
  triage,
  mail,
  molecules,
  permissions,
  runners,
};
export const bare = {
  town: [
    {
      ...town,
      id: 'p0p0p0p0p0p0',
      name: 'side project',
      scripted: false,
      canRehearse: true,
      model: null,
      modelKey: null,
      busyPolecats: 0,
      budgetMicros: null,
      usage: usage(0, 0, 0, 0),
      container: { state: 'stopped', since: min(400), failure: null, idleSince: null },
      runnerConnected: false,
    },
  ],
  rigs: [],
  beads: [],
  agents: [],
  runs: [],
  merges: [],
  nudges: [],
  escalations: [],
  events: [],
  parked: [],
  limits: [],
  quarantine: [],
  convoys: [],
  triage: [],
  mail: [],
  molecules: [],
  permissions: [],
  runners: [{ ...home, busy: 0, connected: false }],
};

const mcp = (summary, data, links) => JSON.stringify({ summary, data, links });
const base = (id, at, kind) => ({ id, runId: 'run-000000000001', at: min(at), kind });
export const transcript = [
  { ...base('i0', 94, 'notice'), code: 'session_started', text: 'Session started' },
  { ...base('i1', 92, 'user'), text: 'Split the settings page and add tests', source: 'person' },
  {
    ...base('i2', 92, 'thought'),
    text: 'The settings page is one file of 900 lines. I should look at the rigs first, then split the work so that tests come after the form.',
  },
  {
    ...base('i3', 91, 'tool'),
    tool: 'list_rigs',
    title: 'gt_list_rigs',
    state: 'completed',
    input: {},
    output: mcp('3 rigs: shop, docs, billing-api (unreachable)', { rigs: 3 }, []),
    endedAt: min(91) + 42,
  },
  {
    ...base('i4', 91, 'assistant'),
    text: 'I split it in two, the second after the first:\n\n1. **Extract the settings form** into its own file, keeping its props\n2. **Tests for the settings form**, three fields validated on blur\n\n`billing-api` refuses its token, so nothing can start there until you renew it.',
  },
  {
    ...base('i5', 91, 'tool'),
    tool: 'sling',
    title: 'Extract the settings form',
    state: 'completed',
    input: { rig_id: 'rig-1a2b3c4d', title: 'Extract the settings form', priority: 'high' },
    output: mcp('gt-1a2b3c4d is in line, place 1', { bead_id: 'gt-1a2b3c4d', place: 1 }, [{ kind: 'bead', id: 'gt-1a2b3c4d' }]),
    endedAt: min(91) + 88,
  },
  {
    ...base('i6', 91, 'tool'),
    tool: 'sling',
    title: 'Tests for the settings form',
    state: 'completed',
    input: { rig_id: 'rig-1a2b3c4d', title: 'Tests for the settings form', depends_on: ['gt-1a2b3c4d'] },
    output: mcp('gt-4d5e6f70 waits for gt-1a2b3c4d', { bead_id: 'gt-4d5e6f70' }, [{ kind: 'bead', id: 'gt-4d5e6f70' }]),
    endedAt: min(91) + 60,
  },
  { ...base('i7', 90, 'turn_end'), stopReason: 'end_turn', usage: usage(12_400, 910, 41_000, 61_200) },
  { ...base('i8', 76, 'user'), text: 'gt-1a2b3c4d failed its gate once: npm test, exit 1. A second attempt has started.', source: 'town' },
  { ...base('i9', 75, 'assistant'), text: 'Toast has it now, with the test output as context. If it fails twice more I will ask you.' },
  { ...base('i10', 75, 'turn_end'), stopReason: 'end_turn', usage: usage(3_100, 120, 52_000, 14_800) },
  { ...base('i11', 4, 'user'), text: 'How do I run the gates myself?', source: 'person' },
  {
    ...base('i12', 4, 'assistant'),
    text: 'They are the commands of the rig, run on the merge result:\n\n```bash\nnpm ci\nnpm test -- --run\n```\n\n| gate | last | time |\n|---|---|---|\n| `npm ci` | passed | 8.4 s |\n| `npm test` | failed | 21.9 s |\n',
  },
  { ...base('i13', 4, 'turn_end'), stopReason: 'end_turn', usage: usage(2_400, 310, 54_000, 18_100) },
  { ...base('i14', 1, 'user'), text: 'Make the search faster while they work', source: 'person' },
  {
    ...base('i15', 1, 'tool'),
    tool: 'list_beads',
    title: 'gt_list_beads',
    state: 'running',
    input: { status: 'open' },
    output: null,
    endedAt: null,
  },
];
export const writing =
  'I will look at what is open first, then sling **one bead** for the search: an index over titles, and the query off the main';
