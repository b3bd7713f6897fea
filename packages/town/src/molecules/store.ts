import type { BeadId, MoleculeId, MoleculeRow, StepRow } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { idList, int, intOrNull, json, list, one, text, textOrNull, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

export interface Molecule {
  readonly id: MoleculeId;
  readonly beadId: BeadId;
  readonly title: string;
  readonly createdAt: number;
  readonly closedAt: number | null;
}
interface Step {
  readonly moleculeId: MoleculeId;
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly needs: string[];
  readonly summary: string | null;
  readonly doneAt: number | null;
}
const toMolecule = (row: Row): Molecule => ({
  id: text(row, 'id') as MoleculeId,
  beadId: text(row, 'bead_id') as BeadId,
  title: text(row, 'title'),
  createdAt: int(row, 'created_at'),
  closedAt: intOrNull(row, 'closed_at'),
});
const toStep = (row: Row): Step => ({
  moleculeId: text(row, 'molecule_id') as MoleculeId,
  id: text(row, 'id'),
  title: text(row, 'title'),
  text: text(row, 'text'),
  needs: json<string[]>(row, 'needs'),
  summary: textOrNull(row, 'summary'),
  doneAt: intOrNull(row, 'done_at'),
});

/** The open one of a bead; there is at most one. */
export const moleculeOf = (sql: Sql, beadId: string): Molecule | null =>
  one(sql, toMolecule, 'SELECT * FROM molecules WHERE bead_id = ? AND closed_at IS NULL', beadId);
export const openMoleculesOf = (sql: Sql, beadIds: Iterable<string>): Molecule[] =>
  list(sql, toMolecule, 'SELECT * FROM molecules WHERE bead_id IN (SELECT value FROM json_each(?)) AND closed_at IS NULL', idList(beadIds));
export const moleculesById = (sql: Sql, ids: Iterable<string>): Molecule[] =>
  list(sql, toMolecule, 'SELECT * FROM molecules WHERE id IN (SELECT value FROM json_each(?))', idList(ids));
export const openMolecules = (sql: Sql): Molecule[] => list(sql, toMolecule, 'SELECT * FROM molecules WHERE closed_at IS NULL');
export const newestMolecules = (sql: Sql, limit: number): Molecule[] =>
  list(sql, toMolecule, 'SELECT * FROM molecules ORDER BY rowid DESC LIMIT ?', limit);

/** In the order in which they were written, with what each may do now. */
export function stepsOf(sql: Sql, ids: Iterable<string>): Map<MoleculeId, StepRow[]> {
  const steps = list(
    sql,
    toStep,
    'SELECT * FROM steps WHERE molecule_id IN (SELECT value FROM json_each(?)) ORDER BY molecule_id, place',
    idList(ids),
  );
  const grouped = Map.groupBy(steps, (step) => step.moleculeId);
  return new Map([...grouped].map(([id, list]) => [id, shown(list)]));
}
function shown(steps: readonly Step[]): StepRow[] {
  const done = new Set(steps.filter((step) => step.doneAt !== null).map((step) => step.id));
  return steps.map(({ moleculeId: _molecule, ...step }) => ({
    ...step,
    state: step.doneAt !== null ? 'done' : step.needs.every((id) => done.has(id)) ? 'ready' : 'waiting',
  }));
}
export const moleculeRows = (sql: Sql, molecules: readonly Molecule[]): MoleculeRow[] => {
  const steps = stepsOf(
    sql,
    molecules.map((one) => one.id),
  );
  return molecules.map((one) => {
    const all = steps.get(one.id) ?? [];
    return { ...one, steps: all, done: all.filter((step) => step.state === 'done').length };
  });
};

export interface PlannedStep {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly needs: readonly string[];
}
export function insertMolecule(tx: Tx, molecule: Pick<Molecule, 'id' | 'beadId' | 'title'>, steps: readonly PlannedStep[]): void {
  const { id, beadId, title } = molecule;
  tx.sql.run('INSERT INTO molecules (id, bead_id, title, created_at) VALUES (?,?,?,?)', id, beadId, title, tx.now);
  steps.forEach((step, place) =>
    tx.sql.run(
      'INSERT INTO steps (molecule_id, place, id, title, text, needs) VALUES (?,?,?,?,?,?)',
      id,
      place,
      step.id,
      step.title,
      step.text,
      JSON.stringify(step.needs),
    ),
  );
  touch(tx, 'molecules', id);
}
export function finishStep(tx: Tx, moleculeId: string, stepId: string, summary: string): void {
  tx.sql.run('UPDATE steps SET summary = ?, done_at = ? WHERE molecule_id = ? AND id = ?', summary, tx.now, moleculeId, stepId);
  touch(tx, 'molecules', moleculeId);
}
export function closeMolecule(tx: Tx, id: string): void {
  tx.sql.run('UPDATE molecules SET closed_at = ? WHERE id = ?', tx.now, id);
  touch(tx, 'molecules', id);
}
