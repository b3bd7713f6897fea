export { countingSql, type CountingSql, type SqlCounts } from './testing/counting.ts';
export { seededRandom } from './testing/random.ts';
export { bad, evidence, good, scriptedRunner, sha, silentPolecat, type Script, type ScriptedRunner } from './testing/runner.ts';
export { memorySql } from './testing/sqlite.ts';
export { PERSON, testTown, TOWN_CREATE, type TestTown } from './testing/town.ts';
export { story, type Story } from './testing/ready.ts';
export { replica, sortedTables } from './testing/replica.ts';
export { dump } from './testing/dump.ts';
export { everything } from './testing/everything.ts';
