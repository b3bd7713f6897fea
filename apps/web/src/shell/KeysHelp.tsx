import { CATALOGUE, keyWords } from '../commands/catalogue.ts';
import { Modal } from '../ui/Modal.tsx';
import { useUi } from '../ui-state.ts';
import { MAC } from './TopBar.tsx';

const MOVES = [
  ['J K', 'Next and previous row'],
  ['Enter', 'Open'],
  ['Esc', 'Close the drawer on top'],
  ['Shift Enter', 'New line in a message'],
] as const;

export function KeysHelp() {
  const open = useUi((state) => state.open);
  const rows = [...CATALOGUE.flatMap((entry) => (entry.keys ? [[keyWords(entry.keys, MAC), entry.label] as const] : [])), ...MOVES];
  return (
    <Modal title="Keys" open onClose={() => open(null)}>
      <dl className="grid grid-cols-1 gap-x-8 sm:grid-cols-2">
        {rows.map(([keys, label]) => (
          <div key={keys} className="flex h-8 items-center justify-between text-sm">
            <dt>{label}</dt>
            <dd>
              <kbd className="rounded border border-line-strong px-1.5 text-xs text-muted">{keys}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
