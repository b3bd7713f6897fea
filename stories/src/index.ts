export { openBrowser } from './browser.ts';
export { openTown } from './errands.ts';
export { House, MODEL_KEY } from './house.ts';
