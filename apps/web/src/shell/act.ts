import { useLocation, useNavigate } from '@tanstack/react-router';
import { toast } from '../ui/toast.ts';
import type { Act, Here, Page } from '../commands/catalogue.ts';
import { tellsDone } from '../commands/done.ts';
import { intend, send } from '../commands/send.ts';
import { isLarge, startSize } from '../commands/starts.ts';
import { formatStack, parseStack, pushDrawer, type DrawerRef } from '../drawers.ts';
import { isRetriableNow } from '../merging.ts';
import { useConnection, useTown } from '../replica/hooks.ts';
import { useUi } from '../ui-state.ts';
import { useTownId } from './town-id.ts';

const PATH: Record<Page, string> = {
  home: '',
  attention: '/attention',
  board: '/board',
  convoys: '/convoys',
  merges: '/merges',
  agents: '/agents',
  mail: '/mail',
  settings: '/settings',
  towns: '',
  new: '',
};

/** What the entries of the catalogue may do on this page. */
export function useAct(): Act {
  const town = useTownId();
  const navigate = useNavigate();
  const ui = useUi();
  const { replica } = useConnection();
  return {
    go: (page) => void navigate({ to: page === 'towns' ? '/' : page === 'new' ? '/new' : `/t/${town}${PATH[page]}` }),
    settings: (tab, at) => void navigate({ to: '/t/$town/settings', params: { town }, search: { tab, ...at } }),
    drawer: (ref) =>
      void navigate({
        to: '.',
        search: (before: { open?: string }) => ({
          ...before,
          open: formatStack(pushDrawer(parseStack(before.open), ref)),
          inner: undefined,
        }),
        state: { drawer: true },
      }),
    dialog: (dialog) => {
      if (dialog !== 'tell-mayor') return ui.open(dialog);
      ui.open(null);
      void navigate({ to: '/t/$town', params: { town } }).then(() =>
        requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-composer=mayor]')?.focus()),
      );
    },
    send: async (command, told) => {
      const size = startSize(replica, command);
      if (size && isLarge(size) && !(await ui.askStart(size))) return;
      const answer = await send(town, intend(command));
      if (answer.ok) toast.success(tellsDone(command, answer.value, told));
      else toast.error(answer.failure.message, { description: answer.next });
    },
    theme: (theme) => ui.setTheme(theme),
  };
}

/** The object that commands act on: the one under the focus, else the drawer on top. */
export function useHere(): () => Here {
  const town = useTown();
  const open = useLocation({ select: (location) => (location.search as { open?: string }).open });
  const { replica } = useConnection();
  return () => {
    const at = focused() ?? parseStack(open).at(-1) ?? null;
    const retriable = at?.kind === 'merge' && isRetriableNow(replica, at.id);
    return { paused: town?.paused ?? false, stopped: town?.stopped ?? false, at, retriable };
  };
}

function focused(): DrawerRef | null {
  const element =
    document.activeElement?.closest<HTMLElement>('[data-object]') ?? document.querySelector<HTMLElement>('main [data-object]:hover');
  return parseStack(element?.dataset['object'])[0] ?? null;
}
