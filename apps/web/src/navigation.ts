/** The names of pages and tabs that links and commands share. */
export const SETTINGS_TABS = ['general', 'repositories', 'models', 'agents', 'runners', 'spend', 'import', 'health', 'danger'] as const;
export type SettingsTab = (typeof SETTINGS_TABS)[number];
export const TAB_NAMES: Record<SettingsTab, string> = {
  general: 'General',
  repositories: 'Repositories',
  models: 'Models',
  agents: 'Agents',
  runners: 'Runners',
  spend: 'Spend',
  import: 'Import and export',
  health: 'Health',
  danger: 'Danger',
};
export const isSettingsTab = (text: unknown): text is SettingsTab => (SETTINGS_TABS as readonly unknown[]).includes(text);

/** A sentence of the town in pieces; `Settings › Spend` in it is a place, and names its tab. */
export function placesIn(text: string): readonly { text: string; tab: SettingsTab | null }[] {
  const tabOf = (piece: string) => SETTINGS_TABS.find((tab) => piece === `Settings › ${TAB_NAMES[tab]}`) ?? null;
  return text
    .split(new RegExp(`(Settings › (?:${Object.values(TAB_NAMES).join('|')}))`))
    .filter((piece) => piece !== '')
    .map((piece) => ({ text: piece, tab: tabOf(piece) }));
}
