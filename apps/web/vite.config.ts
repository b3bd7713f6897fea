import { fileURLToPath } from 'node:url';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Fonts and images stay files: the server's policy allows this origin only, no data: URLs for fonts. */
export default defineConfig({
  plugins: [react({ compiler: true }), tailwind()],
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
              test: /node_modules[\\/](react|react-dom|scheduler|@tanstack|zod|partysocket|zustand|tinykeys)[\\/]|packages[\\/]protocol[\\/]src[\\/](?!audit|exchange|terminal)/,
            },
          ],
        },
      },
    },
  },
});
