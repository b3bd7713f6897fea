import type { BeadStatus } from '@gastown/protocol';
import { create } from 'zustand';

/** State of this page only: which dialog is open and the theme. Nothing of the town is ever kept here. */
type Theme = 'system' | 'light' | 'dark';
export type DialogName = 'create-bead' | 'create-convoy' | 'stop-town' | 'palette' | 'keys';
interface UiState {
  dialog: DialogName | null;
  theme: Theme;
  /** The column of a board that was pressed last. */
  column: BeadStatus | null;
  /** Text put into the Mayor's composer from elsewhere (a suggestion), taken once. */
  draft: string;
  open(dialog: DialogName | null): void;
  setTheme(theme: Theme): void;
  setDraft(text: string): void;
  setColumn(column: BeadStatus): void;
}

const kept = localStorage.getItem('theme');
export const useUi = create<UiState>((set) => ({
  dialog: null,
  theme: kept === 'light' || kept === 'dark' ? kept : 'system',
  column: null,
  draft: '',
  open: (dialog) => set({ dialog }),
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
