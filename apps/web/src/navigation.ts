/** The names of pages and tabs that links and commands share. */
export const SETTINGS_TABS = ['general', 'repositories', 'models', 'agents', 'runners', 'spend', 'import', 'health', 'danger'] as const;
export type SettingsTab = (typeof SETTINGS_TABS)[number];
export const isSettingsTab = (text: unknown): text is SettingsTab => (SETTINGS_TABS as readonly unknown[]).includes(text);
