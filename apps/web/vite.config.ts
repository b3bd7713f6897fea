import { fileURLToPath } from 'node:url';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Why each limit is as it is stands in the reference pages; the page needs the numbers. */
const limitsWithoutReasons = {
  name: 'limits-without-reasons',
  enforce: 'pre',
  transform: (code: string, id: string) =>
    id.endsWith('/protocol/src/limits.ts')
      ? { code: code.replaceAll(/\blimit\(\s*([\d_]+),\s*'(\w+)',\s*'[^']*',?\s*\)/g, "limit($1, '$2', '')"), map: null }
      : null,
} as const;

/** Fonts and images stay files: the server's policy allows this origin only, no data: URLs for fonts. */
export default defineConfig({
  plugins: [limitsWithoutReasons, react({ compiler: true }), tailwind()],
  resolve: { alias: { 'rehype-raw': here('src/transcript/raw-as-text.ts'), 'tailwind-merge': here('src/transcript/join-classes.ts') } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    // One name for what every page needs, so that its size has a limit (.size-limit.json).
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'vendor',
              test: /node_modules[\\/](react|react-dom|scheduler|@tanstack|zod|partysocket|zustand|tinykeys)[\\/]|packages[\\/]protocol[\\/]src[\\/](?!audit|exchange|terminal|tools)/,
            },
          ],
        },
      },
    },
  },
});
