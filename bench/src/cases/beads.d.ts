import type { PersonCommand } from '@gastown/protocol';
import type { TestTown } from '@gastown/town/testing';
import type { Case } from './trial.ts';
/** P2: what a person does to one bead among ten thousand, as the shell does it: command, due effects, next wake. The naive one writes the row and a line of a log. */
export declare const beads: Case;
/** One command as the shell takes it. */
export declare function say(town: TestTown, command: PersonCommand): number;
