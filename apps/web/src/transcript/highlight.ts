import { createCssVariablesTheme, createHighlighterCore, type HighlighterCore } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';

/** Shiki without WebAssembly (the policy forbids it) and with the page's own tones; a grammar loads when code of that language appears. */
const GRAMMARS = {
  typescript: () => import('shiki/langs/typescript.mjs'),
  tsx: () => import('shiki/langs/tsx.mjs'),
  javascript: () => import('shiki/langs/javascript.mjs'),
  json: () => import('shiki/langs/json.mjs'),
  bash: () => import('shiki/langs/bash.mjs'),
  diff: () => import('shiki/langs/diff.mjs'),
  python: () => import('shiki/langs/python.mjs'),
  go: () => import('shiki/langs/go.mjs'),
  rust: () => import('shiki/langs/rust.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  html: () => import('shiki/langs/html.mjs'),
  yaml: () => import('shiki/langs/yaml.mjs'),
  sql: () => import('shiki/langs/sql.mjs'),
  markdown: () => import('shiki/langs/markdown.mjs'),
};
const ALIAS: Record<string, keyof typeof GRAMMARS> = {
  ts: 'typescript',
  js: 'javascript',
  jsx: 'tsx',
  mjs: 'javascript',
  sh: 'bash',
  shell: 'bash',
  zsh: 'bash',
  py: 'python',
  rs: 'rust',
  yml: 'yaml',
  md: 'markdown',
  patch: 'diff',
};

const theme = createCssVariablesTheme({ name: 'town', variablePrefix: '--shiki-' });
let core: Promise<HighlighterCore> | null = null;

/** Agents name languages as they like, `constructor` too. */
function grammarOf(language: string): keyof typeof GRAMMARS | null {
  if (Object.hasOwn(ALIAS, language)) return ALIAS[language]!;
  return Object.hasOwn(GRAMMARS, language) ? (language as keyof typeof GRAMMARS) : null;
}

/** HTML of the code, every character escaped by shiki; null for a language without grammar. */
export async function highlight(code: string, language: string): Promise<string | null> {
  const name = grammarOf(language);
  if (!name || code.length > 50_000) return null;
  core ??= createHighlighterCore({ themes: [theme], langs: [], engine: createJavaScriptRegexEngine({ forgiving: true }) });
  const highlighter = await core;
  if (!highlighter.getLoadedLanguages().includes(name)) await highlighter.loadLanguage(await GRAMMARS[name]());
  return highlighter.codeToHtml(code, {
    lang: name,
    theme: 'town',
    // Some grammars take the square of a line: 50 000 characters of YAML on one would hold the page for eight seconds.
    tokenizeMaxLineLength: 2_000,
    transformers: [
      {
        pre(node) {
          node.properties['class'] = 'code';
          node.properties['style'] = '';
        },
      },
    ],
  });
}
