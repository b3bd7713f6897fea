import { QueryClient, useQuery } from '@tanstack/react-query';
import { Refused, api, orThrow } from './api.ts';

/** REST answers that change rarely; live data comes over the socket, so nothing here refetches by itself. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (failures, error) => failures < 2 && error instanceof Refused && error.answer.unanswered,
      retryDelay: (attempt) => 200 * 2 ** attempt,
    },
  },
});

export const useSession = () => useQuery({ queryKey: ['session'], queryFn: () => orThrow(api.session()) });
export const useTowns = () => useQuery({ queryKey: ['towns'], queryFn: () => orThrow(api.towns()) });
/**
 * What stops the page: an answer that says no, or no answer at all when nothing was ever shown. A server that is silent for a moment stops nothing:
 * the last replica stays.
 */
export function stopping(...queries: readonly { error: Error | null; data: unknown }[]): Error | null {
  return (
    queries.find(({ error, data }) => error && (data === undefined || (error instanceof Refused && !error.answer.unanswered)))?.error ??
    null
  );
}
/** After a lost socket: is it the sign-in, the town, or the server? */
export const askAgain = () => queryClient.invalidateQueries();
