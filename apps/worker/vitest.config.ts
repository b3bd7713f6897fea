import { mkdirSync } from 'node:fs';
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-pool-workers';
import { defineConfig } from 'vitest/config';
import { outbound } from './test/provider.ts';

// The page need not be built for these tests, but its folder must be there.
mkdirSync(`${import.meta.dirname}/../web/dist`, { recursive: true });

export const ENVIRONMENT = {
  version: '0.1.0-test',
  demo: false,
  suggestions: ['Add a test'],
  sample: null,
  providerKeys: { openai: 'sk-environment-openai-0001' },
  defaultModel: {
    provider: 'openai',
    model: 'gpt-test',
    baseUrl: null,
    price: { input: 1_000_000, output: 2_000_000, cacheRead: 100_000, cacheWrite: 0 },
  },
  agentKinds: [{ id: 'kilo', label: 'Kilo CLI' }],
};

export default defineConfig({
  plugins: [
    cloudflareTest(async () => ({
      wrangler: { configPath: './wrangler.jsonc' },
      miniflare: {
        outboundService: outbound,
        bindings: {
          SEAL_KEY: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
          HOST_KEY: 'host-key-of-the-tests',
          HOST_URL: 'http://host.test',
          PUBLIC_URL: 'http://town.test',
          EVICTIONS: process.env.EVICTIONS ?? '200',
          ALLOWED_HOSTS: 'localhost:8787',
          MIGRATIONS: await readD1Migrations(`${import.meta.dirname}/migrations`),
          ENVIRONMENT: JSON.stringify(ENVIRONMENT),
        },
      },
    })),
  ],
  // A limit is for hangs: these tests share the machine with others.
  test: { include: ['src/**/*.test.ts', 'test/**/*.test.ts'], setupFiles: ['./test/setup.ts'], testTimeout: 60_000 },
});
