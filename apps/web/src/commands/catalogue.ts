import type { PersonCommand, PersonCommandKind } from '@gastown/protocol';
import type { DrawerRef } from '../drawers.ts';
import type { SettingsTab } from '../navigation.ts';
import { INTERRUPTED } from './done.ts';

/**
 * The one list of what a person can do. Palette, menus, buttons and keys take their words, keys and acts from here.
 * `asks` says where the person gives what the command needs; a command that needs nothing more runs at once.
 */
export interface Here {
  readonly paused: boolean;
  readonly stopped: boolean;
  /** The object on top of the drawers or under the focus. */
  readonly at: DrawerRef | null;
  /** It is a merge that the town would queue again. */
  readonly retriable: boolean;
}
export interface Act {
  go(page: Page): void;
  settings(tab: SettingsTab, at?: { limit?: string; add?: 'repository' }): void;
  drawer(ref: DrawerRef): void;
  dialog(dialog: 'create-bead' | 'create-convoy' | 'stop-town' | 'palette' | 'keys' | 'tell-mayor'): void;
  send(command: PersonCommand, done: string): void;
  theme(theme: 'system' | 'light' | 'dark'): void;
}
export type Page = 'home' | 'attention' | 'board' | 'convoys' | 'merges' | 'agents' | 'mail' | 'settings' | 'towns' | 'new';

export interface Entry {
  readonly id: string;
  readonly label: string;
  readonly group: 'Go to' | 'Town' | 'Work' | 'This object' | 'Page';
  readonly keys?: string;
  readonly command?: PersonCommandKind;
  /** Where else than the palette it can be found. */
  readonly button?: string;
  offered(here: Here): boolean;
  run(act: Act, here: Here): void;
}
const always = () => true;
const on = (kind: DrawerRef['kind']) => (here: Here) => here.at?.kind === kind;
const go = (id: Page, label: string, keys: string): Entry => ({
  id: `go.${id}`,
  label,
  group: 'Go to',
  keys,
  offered: always,
  run: (act) => act.go(id),
});
/** Commands whose input lives in a form: the entry opens the form. */
const form = (command: PersonCommandKind, label: string, tab: SettingsTab, at?: Parameters<Act['settings']>[1]): Entry => ({
  id: command,
  command,
  label,
  group: 'Town',
  button: `Settings › ${tab}`,
  offered: always,
  run: (act) => act.settings(tab, at),
});
/** Commands on the object at hand, whose input lives in its drawer. */
const inDrawer = (command: PersonCommandKind, label: string, kind: DrawerRef['kind']): Entry => ({
  id: command,
  command,
  label,
  group: 'This object',
  button: `${kind} drawer`,
  offered: on(kind),
  run: (act, here) => {
    if (here.at) act.drawer(here.at);
  },
});
const direct = (
  command: PersonCommandKind,
  label: string,
  kind: DrawerRef['kind'],
  make: (id: string) => unknown,
  done: string,
  keys?: string,
): Entry => ({
  id: command,
  command,
  label,
  group: 'This object',
  button: `${kind} drawer`,
  ...(keys && { keys }),
  offered: on(kind),
  // The id came from a row of that kind, which the validator branded when it arrived.
  run: (act, here) => {
    if (here.at) act.send(make(here.at.id) as PersonCommand, done);
  },
});

export const CATALOGUE: readonly Entry[] = [
  go('home', 'Home', 'g h'),
  go('attention', 'Attention', 'g a'),
  go('board', 'Board', 'g b'),
  go('convoys', 'Convoys', 'g c'),
  go('merges', 'Merges', 'g m'),
  go('agents', 'Agents', 'g w'),
  go('mail', 'Mail', 'g i'),
  go('settings', 'Settings', 'g s'),
  go('towns', 'All towns', 'g t'),
  go('new', 'Create a town', 'g n'),
  {
    id: 'mayor.tell',
    command: 'mayor.tell',
    label: 'Tell the Mayor',
    group: 'Work',
    keys: 'm',
    button: 'Home',
    offered: always,
    run: (act) => act.dialog('tell-mayor'),
  },
  {
    id: 'bead.create',
    command: 'bead.create',
    label: 'Create bead',
    group: 'Work',
    keys: 'c',
    button: 'Board',
    offered: always,
    run: (act) => act.dialog('create-bead'),
  },
  {
    id: 'town.pause',
    command: 'town.pause',
    label: 'Pause town',
    group: 'Town',
    button: 'Top bar',
    offered: (here) => !here.paused,
    run: (act) => act.send({ kind: 'town.pause' }, 'Town paused'),
  },
  {
    id: 'town.stop',
    command: 'town.stop',
    label: 'Stop town',
    group: 'Town',
    button: 'Top bar',
    offered: (here) => !here.stopped,
    run: (act) => act.dialog('stop-town'),
  },
  {
    id: 'town.resume',
    command: 'town.resume',
    label: 'Resume town',
    group: 'Town',
    button: 'Top bar',
    offered: (here) => here.paused,
    run: (act) => act.send({ kind: 'town.resume' }, 'Town resumed'),
  },
  {
    id: 'mayor.restart',
    command: 'mayor.restart',
    label: 'Restart the Mayor',
    group: 'Town',
    button: 'Settings › agents',
    offered: always,
    run: (act) => act.send({ kind: 'mayor.restart' }, 'The Mayor restarts'),
  },
  form('town.rename', 'Rename town', 'general'),
  form('town.configure', 'Choose the model and the slots', 'models'),
  form('town.set_model_key', 'Set the model key', 'models'),
  form('rig.add', 'Add repository', 'repositories', { add: 'repository' }),
  form('rig.update', 'Edit a repository', 'repositories'),
  form('rig.set_token', 'Set the token of a repository', 'repositories'),
  form('rig.remove', 'Remove a repository', 'repositories'),
  form('runner.add', 'Add a runner: your own machine', 'runners'),
  form('runner.update', 'Change a runner', 'runners'),
  form('runner.renew_token', 'Make a new token for a runner', 'runners'),
  form('runner.remove', 'Remove a runner', 'runners'),
  form('effect.discard', 'Discard what could not be done', 'health'),
  form('spend.limit', 'Limit what may be spent', 'spend'),
  form('beads.import', 'Import beads into a repository', 'import'),
  form('import.discard', 'Let go of lines that an import could not take', 'import'),
  form('effect.retry', 'Retry what could not be done', 'health'),
  form('quarantine.retry', 'Apply input from quarantine again', 'health'),
  form('quarantine.discard', 'Discard input from quarantine', 'health'),
  direct('rig.reconnect', 'Reconnect repository', 'rig', (rigId) => ({ kind: 'rig.reconnect', rigId }), 'Connecting again'),
  direct('rig.pause', 'Pause rig', 'rig', (rigId) => ({ kind: 'rig.pause', rigId }), 'The rig is paused'),
  direct('rig.resume', 'Resume rig', 'rig', (rigId) => ({ kind: 'rig.resume', rigId }), 'The rig goes on'),
  {
    id: 'convoy.create',
    command: 'convoy.create',
    label: 'Create convoy',
    group: 'Work',
    button: 'Convoys',
    offered: always,
    run: (act) => act.dialog('create-convoy'),
  },
  direct('convoy.start', 'Start convoy', 'convoy', (convoyId) => ({ kind: 'convoy.start', convoyId }), 'The convoy is started'),
  direct('convoy.pause', 'Pause convoy', 'convoy', (convoyId) => ({ kind: 'convoy.pause', convoyId }), 'The convoy is paused'),
  direct('convoy.resume', 'Resume convoy', 'convoy', (convoyId) => ({ kind: 'convoy.resume', convoyId }), 'The convoy goes on'),
  direct('convoy.unarchive', 'Bring convoy back', 'convoy', (convoyId) => ({ kind: 'convoy.unarchive', convoyId }), 'Brought back'),
  direct('convoy.archive', 'Archive convoy', 'convoy', (convoyId) => ({ kind: 'convoy.archive', convoyId }), 'Archived'),
  inDrawer('convoy.add', 'Add beads to the convoy', 'convoy'),
  inDrawer('convoy.remove', 'Take a bead out of the convoy', 'convoy'),
  inDrawer('convoy.rename', 'Rename convoy', 'convoy'),
  inDrawer('convoy.close', 'Close convoy', 'convoy'),
  direct('bead.retry', 'Retry bead', 'bead', (beadId) => ({ kind: 'bead.retry', beadId }), 'The bead is back in line', 'r'),
  direct('bead.start', 'Start bead', 'bead', (beadId) => ({ kind: 'bead.start', beadId }), 'Bead started'),
  direct('bead.pin', 'Pin bead as a note', 'bead', (beadId) => ({ kind: 'bead.pin', beadId }), 'Pinned'),
  direct('bead.unpin', 'Unpin bead: planned until you start it', 'bead', (beadId) => ({ kind: 'bead.unpin', beadId }), 'Unpinned'),
  direct('bead.archive', 'Archive bead', 'bead', (id) => ({ kind: 'bead.archive', beadIds: [id] }), 'Archived'),
  direct('bead.unarchive', 'Bring bead back', 'bead', (id) => ({ kind: 'bead.unarchive', beadIds: [id] }), 'Brought back'),
  inDrawer('bead.defer', 'Put bead off', 'bead'),
  inDrawer('bead.update', 'Edit bead', 'bead'),
  inDrawer('bead.set_status', 'Set the status of the bead', 'bead'),
  inDrawer('bead.add_dependency', 'Add a dependency', 'bead'),
  inDrawer('bead.remove_dependency', 'Remove a dependency', 'bead'),
  inDrawer('bead.reassign', 'Give the bead to another agent', 'bead'),
  inDrawer('molecule.attach', 'Plan steps for the bead', 'bead'),
  inDrawer('molecule.detach', 'Take the steps away', 'bead'),
  inDrawer('mail.send', 'Write to the agent', 'agent'),
  inDrawer('mail.read', 'Read a message in the agent’s stead', 'agent'),
  {
    id: 'dispatch.reset',
    command: 'dispatch.reset',
    label: 'Forget failed starts and try again',
    group: 'Town',
    button: 'Attention',
    offered: always,
    run: (act) => act.send({ kind: 'dispatch.reset' }, 'Everything that waited is tried now'),
  },
  inDrawer('agent.nudge', 'Nudge agent', 'agent'),
  direct('agent.interrupt', 'Interrupt agent', 'agent', (agentId) => ({ kind: 'agent.interrupt', agentId }), INTERRUPTED),
  direct('agent.reset', 'Reset agent', 'agent', (agentId) => ({ kind: 'agent.reset', agentId }), 'The agent was reset'),
  direct('agent.pause', 'Pause agent', 'agent', (agentId) => ({ kind: 'agent.pause', agentId }), 'The agent gets nothing new'),
  direct('agent.resume', 'Resume agent', 'agent', (agentId) => ({ kind: 'agent.resume', agentId }), 'The agent goes on'),
  {
    ...direct('merge.retry', 'Retry merge', 'merge', (mergeId) => ({ kind: 'merge.retry', mergeId }), 'The merge is queued again'),
    offered: (here) => here.at?.kind === 'merge' && here.retriable,
  },
  {
    id: 'escalation.acknowledge',
    command: 'escalation.acknowledge',
    label: 'Acknowledge what needs you',
    group: 'Work',
    keys: 'e',
    button: 'Attention',
    offered: always,
    run: (act) => act.go('attention'),
  },
  {
    id: 'permission.answer',
    command: 'permission.answer',
    label: 'Answer what an agent asks permission for',
    group: 'Work',
    button: 'Attention',
    offered: always,
    run: (act) => act.go('attention'),
  },
  {
    id: 'triage.resolve',
    command: 'triage.resolve',
    label: 'Answer what a patrol asks',
    group: 'Work',
    button: 'Attention',
    offered: always,
    run: (act) => act.go('attention'),
  },
  { id: 'page.palette', label: 'Search and commands', group: 'Page', keys: '$mod+k', offered: always, run: (act) => act.dialog('palette') },
  { id: 'page.search', label: 'Search', group: 'Page', keys: '/', offered: always, run: (act) => act.dialog('palette') },
  { id: 'page.keys', label: 'Keys', group: 'Page', keys: '[Shift]+?', offered: always, run: (act) => act.dialog('keys') },
  { id: 'page.theme.system', label: 'Theme: as the system', group: 'Page', offered: always, run: (act) => act.theme('system') },
  { id: 'page.theme.light', label: 'Theme: light', group: 'Page', offered: always, run: (act) => act.theme('light') },
  { id: 'page.theme.dark', label: 'Theme: dark', group: 'Page', offered: always, run: (act) => act.theme('dark') },
];

export const entryOf = (id: string): Entry => {
  const found = CATALOGUE.find((entry) => entry.id === id);
  if (!found) throw new Error(`no command ${id} in the catalogue`);
  return found;
};

/** `g h` → `G then H`, `$mod+k` → `⌘K`. */
export function keyWords(keys: string, mac: boolean): string {
  return keys
    .split(' ')
    .map((press) =>
      press
        .replace('$mod+', mac ? '⌘' : 'Ctrl ')
        .replace(/\[?Shift\]?\+/, '')
        .toUpperCase(),
    )
    .join(' ')
    .replace('CTRL', 'Ctrl');
}
