import { expect, test } from 'vitest';
import { context, runStart } from '../testing/fixtures.ts';
import { reportsOf, script } from '../testing/runner-process.ts';
import { runningRunner } from '../testing/running.ts';
import { until } from '../testing/until.ts';

/** What a shell can find of the process that started it: the environment it got, and that of every process of its user. */
const LOOK = [
  'echo "mine: $(env | grep _SERVER_PASSWORD=.)"',
  'for one in /proc/[0-9]*; do grep -qs "^Uid:.$(id -u)" $one/status || continue',
  'cat $one/environ 2>/dev/null | tr "\\0" "\\n" | grep "_SERVER_PASSWORD=." && echo "found: $one"',
  'tr "\\0" " " < $one/cmdline | grep -q " acp " && ! head -c 1 $one/environ >/dev/null 2>&1 && echo "closed: $one"',
  'done',
  'touch "$XDG_CONFIG_HOME/mine" && echo "settings: mine"',
].join('\n');

test.runIf(process.getuid?.() === 0).each(['kilo', 'opencode'])(
  'a shell of %s finds the password of its own process nowhere, and cannot look into it (design/runner.md §1)',
  { timeout: 120_000 },
  async (agentKind) => {
    const { forge, town } = await runningRunner();
    const body = script([{ tool: 'bash', args: { command: LOOK, description: 'look' } }, { text: 'Looked.' }]);
    await town.perform(runStart(forge, { agentKind, context: context({ bead: { ...context().bead!, body } }) }));
    await until('the turn ends', () => reportsOf(town, 'turn.ended')[0], 60_000);
    const looked = await until('what it found', () =>
      [...town.items.values()].find((item) => item.kind === 'tool' && item.state === 'completed'),
    );
    const output = looked.kind === 'tool' ? looked.output : null;
    expect(output).toMatch(/^mine: $/m);
    expect(output).toMatch(/closed: \/proc/);
    expect(output).toContain('settings: mine');
    expect(output).not.toContain('found: ');
  },
);
