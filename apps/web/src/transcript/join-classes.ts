/** Stands in for tailwind-merge in the build: the page restyles streamdown's elements itself, so its classes need no resolving. */
export const twMerge = (...names: unknown[]): string =>
  names
    .flat()
    .filter((name) => typeof name === 'string' && name !== '')
    .join(' ');
