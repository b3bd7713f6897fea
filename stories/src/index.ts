export { openBrowser } from './browser.ts';
export { createErrandRepo, GATE as ERRAND_GATE } from './chaos/errands.ts';
export type { Client } from './client.ts';
export { openTown } from './errands.ts';
export { GIT_TOKEN, House, MODEL_KEY } from './house.ts';
export type { HouseProcess } from './house.ts';
export type { Replica } from './replica.ts';
