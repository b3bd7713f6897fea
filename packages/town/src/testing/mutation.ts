import { configureGlobal } from 'fast-check';

/** Any failure finds a mutant; a smaller one is of no use, and looking for it takes longer than all other tests. */
configureGlobal({ endOnFailure: true });
