/** The pool of polecat names (AG-4); after it `Polecat-21`, `Polecat-22`, … */
const POLECAT_NAMES = [
  'Toast',
  'Maple',
  'Birch',
  'Shadow',
  'Copper',
  'Ember',
  'Willow',
  'Flint',
  'Hazel',
  'Juniper',
  'Cedar',
  'Pebble',
  'Saffron',
  'Thistle',
  'Basil',
  'Clover',
  'Dusty',
  'Fern',
  'Ginger',
  'Onyx',
] as const;

export function freeName(taken: ReadonlySet<string>): string {
  const pooled = POLECAT_NAMES.find((name) => !taken.has(name));
  if (pooled) return pooled;
  let number = POLECAT_NAMES.length + 1;
  while (taken.has(`Polecat-${number}`)) number += 1;
  return `Polecat-${number}`;
}
