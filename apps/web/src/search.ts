/** Search parameters are plain texts; `:` and `,` stay readable, so that `?open=bead:gt-1a2b` is an address one can read. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function formatSearch(search: Record<string, unknown>): string {
  const parts = Object.entries(search).flatMap(([key, value]) =>
    typeof value === 'string' && value !== ''
      ? [`${encodeURIComponent(key)}=${encodeURIComponent(value).replace(/%3A/g, ':').replace(/%2C/g, ',').replace(/%20/g, '+')}`]
      : [],
  );
  return parts.length ? `?${parts.join('&')}` : '';
}

/** Keeps the named texts, drops everything else. */
export const texts = <K extends string>(search: Record<string, unknown>, ...names: K[]): { [N in K]?: string } =>
  Object.fromEntries(names.flatMap((name) => (typeof search[name] === 'string' && search[name] !== '' ? [[name, search[name]]] : []))) as {
    [N in K]?: string;
  };
