// Runs before the first paint, so that the page never flashes in the wrong theme; the server's policy forbids inline script.
(() => {
  const kept = localStorage.getItem('theme');
  const dark = kept === 'dark' || (kept !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  // The validator must not try to compile functions: the policy forbids it and the browser would report each try.
  globalThis.__zod_globalConfig = { jitless: true };
})();
