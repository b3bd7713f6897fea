import { createContext, use } from 'react';

export const TownIdContext = createContext<string | null>(null);
export function useTownId(): string {
  const town = use(TownIdContext);
  if (!town) throw new Error('no town around this component');
  return town;
}
