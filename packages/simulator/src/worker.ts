import { parentPort } from 'node:worker_threads';
import { runBatch, type Wish } from './batch.ts';

/** One core's share: a batch at a time, until no more come. */
parentPort?.on('message', (wish: Wish) => parentPort?.postMessage(runBatch(wish)));
