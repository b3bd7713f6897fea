import { join } from 'node:path';

/**
 * Where package managers keep what they downloaded, by the variable that tells them. Kept for the tests of one rig, so that a gate does not download the world each time. Agents cannot write there;
 * a test can, so what one merge brings into a cache is there for the rig's next.
 */
const FOLDERS = {
  XDG_CACHE_HOME: 'xdg',
  npm_config_cache: 'npm',
  PNPM_HOME: 'pnpm',
  YARN_CACHE_FOLDER: 'yarn',
  YARN_GLOBAL_FOLDER: 'yarn-berry',
  BUN_INSTALL_CACHE_DIR: 'bun',
  PIP_CACHE_DIR: 'pip',
  UV_CACHE_DIR: 'uv',
  CARGO_HOME: 'cargo',
  GOMODCACHE: 'go-modules',
  GOCACHE: 'go-builds',
} as const;

export const cacheVariables = (folder: string): Record<string, string> =>
  Object.fromEntries(Object.entries(FOLDERS).map(([variable, name]) => [variable, join(folder, name)]));
