import { QueryClient, useQuery } from '@tanstack/react-query';
import { Refused, api, orThrow } from './api.ts';

/** REST answers that change rarely; live data comes over the socket, so nothing here refetches by itself. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (failures, error) => failures < TRIES - 1 && isUnanswered(error),
      retryDelay: (attempt) => Math.min(5_000, 200 * 2 ** attempt) * (0.5 + Math.random() / 2),
    },
  },
});
/** After so many a person hears of it. */
const TRIES = 3;
const isUnanswered = (error: Error | null): boolean => error instanceof Refused && error.answer.unanswered;

/** What a page cannot be shown without is asked for until there is an answer: nobody should have to stand by and press. */
const needed = { retry: (_failures: number, error: Error) => isUnanswered(error) };
export const useSession = () => useQuery({ queryKey: ['session'], queryFn: () => orThrow(api.session()), ...needed });
export const useTowns = () => useQuery({ queryKey: ['towns'], queryFn: () => orThrow(api.towns()), ...needed });
/**
 * What stops the page: an answer that says no, or no answer at all when nothing was ever shown. A server that is silent for a moment stops nothing:
 * the last replica stays.
 */
export function stopping(...queries: readonly Asked[]): Error | null {
  return queries.map(stoppingOf).find((error) => error !== null) ?? null;
}
interface Asked {
  readonly error: Error | null;
  readonly data: unknown;
  /** Of the tries that are still going on. */
  readonly failureCount: number;
  readonly failureReason: Error | null;
}
function stoppingOf({ error, data, failureCount, failureReason }: Asked): Error | null {
  if (error && (data === undefined || !isUnanswered(error))) return error;
  return data === undefined && failureCount >= TRIES ? failureReason : null;
}
/** After a lost socket: is it the sign-in, the town, or the server? */
export const askAgain = () => queryClient.invalidateQueries();
/** Asks anew what this page shows; without a session that shows the sign-in. A server that does not answer is waited for. */
export async function isSignedIn(): Promise<boolean> {
  await queryClient.invalidateQueries({}, { cancelRefetch: false });
  return queryClient.getQueryState(['session'])?.status === 'success';
}
/** Somebody asks for it now: at once, and from the beginning. */
export const askAnew = () => void queryClient.resetQueries();
/** The server answers again: what it refused meanwhile is asked for once more. */
export const askForRefused = () => queryClient.refetchQueries({ predicate: ({ state }) => state.status === 'error' });
