/// <reference types="@cloudflare/vitest-pool-workers/types" />
import type { D1Migration } from '@cloudflare/vitest-pool-workers';
import type * as Main from '../src/index.ts';
import type { Env as WorkerEnv } from '../src/env.ts';

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {
      readonly MIGRATIONS: D1Migration[];
      readonly EVICTIONS: string;
    }
    interface GlobalProps {
      mainModule: typeof Main;
    }
  }
}
