/** How two colours stand to each other when only their grey is left. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** `rgb(…)`, `rgba(…)` and `#rrggbb`; null for what has no colour of its own. */
export function rgbOf(text: string): Rgb | null {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (hex) return [parseInt(hex[1]!, 16), parseInt(hex[2]!, 16), parseInt(hex[3]!, 16)];
  const parts = /^rgba?\(([\d.]+),\s*([\d.]+),\s*([\d.]+)(?:,\s*([\d.]+))?\)$/.exec(text);
  return parts && parts[4] !== '0' ? [Number(parts[1]), Number(parts[2]), Number(parts[3])] : null;
}

/** The grey that a screen without colour shows, 0 to 255: the weights of Chromium's achromatopsia, over the coded values. */
export const greyOf = ([red, green, blue]: Rgb): number => 0.213 * red + 0.715 * green + 0.072 * blue;

const lightOf = (grey: number): number => (grey <= 10 ? grey / 255 / 12.92 : ((grey / 255 + 0.055) / 1.055) ** 2.4);

/** WCAG's contrast of two colours in grey: 1 to 21. */
export function greyContrast(one: Rgb, other: Rgb): number {
  const [dark, light] = [lightOf(greyOf(one)), lightOf(greyOf(other))].toSorted((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** More than a tint. */
export const isColoured = (colour: Rgb): boolean => Math.max(...colour) - Math.min(...colour) > 24;
