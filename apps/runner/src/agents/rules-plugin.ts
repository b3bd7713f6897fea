import { MOST_RULE_BYTES, RULE_FILES } from './rules.ts';

/**
 * Tells the model what the repository says to agents. Kilo CLI and OpenCode would do it themselves, but not where they may take no settings from the repository, which
 * could run programs inside their process. Only a file of the folder itself: a link may lead to what the program alone can read.
 */
export const RULES_PLUGIN = `import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
const textOf = async (directory, name) => {
  const [root, path] = await Promise.all([realpath(directory), realpath(join(directory, name))]);
  const found = await stat(path);
  return found.isFile() && found.size <= ${MOST_RULE_BYTES} && path.startsWith(root + sep) ? await readFile(path, 'utf8') : '';
};
export const Rules = async ({ directory }) => ({
  'experimental.chat.system.transform': async (_asked, output) => {
    for (const name of ${JSON.stringify(RULE_FILES)}) {
      const text = await textOf(directory, name).catch(() => '');
      if (text.trim() === '' || text.includes('\\0')) continue;
      output.system.push('Instructions from: ' + join(directory, name) + '\\n' + text);
      return;
    }
  },
});
`;
