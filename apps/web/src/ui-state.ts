import type { BeadStatus } from '@gastown/protocol';
import { create } from 'zustand';
import type { StartSize } from './commands/starts.ts';

/** State of this page only: which dialog is open and the theme. Nothing of the town is ever kept here. */
type Theme = 'system' | 'light' | 'dark';
export type DialogName = 'create-bead' | 'create-convoy' | 'stop-town' | 'palette' | 'keys' | 'start-many';
interface UiState {
  dialog: DialogName | null;
  theme: Theme;
  /** The column of a board that was pressed last. */
  column: BeadStatus | null;
  /** Text put into the Mayor's composer from elsewhere (a suggestion), taken once. */
  draft: string;
  /** The large start that its dialog asks about. */
  asked: { readonly size: StartSize; readonly answer: (yes: boolean) => void } | null;
  /** Opens a dialog in place of the one that is open. */
  open(dialog: DialogName | null): void;
  /** False as well when its dialog goes before it is answered. */
  askStart(size: StartSize): Promise<boolean>;
  setTheme(theme: Theme): void;
  setDraft(text: string): void;
  setColumn(column: BeadStatus): void;
}

const kept = localStorage.getItem('theme');
export const useUi = create<UiState>((set, get) => ({
  dialog: null,
  theme: kept === 'light' || kept === 'dark' ? kept : 'system',
  column: null,
  draft: '',
  asked: null,
  open: (dialog) => {
    get().asked?.answer(false);
    set({ dialog });
  },
  askStart: (size) =>
    new Promise((resolve) => {
      get().asked?.answer(false);
      const answer = (yes: boolean): void => {
        set({ dialog: null, asked: null });
        resolve(yes);
      };
      set({ dialog: 'start-many', asked: { size, answer } });
    }),
  setTheme: (theme) => {
    if (theme === 'system') localStorage.removeItem('theme');
    else localStorage.setItem('theme', theme);
    set({ theme });
    paintTheme(theme);
  },
  setDraft: (draft) => set({ draft }),
  setColumn: (column) => set({ column }),
}));

const systemDark = matchMedia('(prefers-color-scheme: dark)');
function paintTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme === 'dark' || (theme === 'system' && systemDark.matches) ? 'dark' : 'light';
}
systemDark.addEventListener('change', () => paintTheme(useUi.getState().theme));
