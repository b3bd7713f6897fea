import type { DialogName } from '../ui-state.ts';
import { CreateBead } from './CreateBead.tsx';
import { KeysHelp } from './KeysHelp.tsx';
import { Palette } from './Palette.tsx';

export function Dialogs({ dialog }: { dialog: DialogName }) {
  switch (dialog) {
    case 'create-bead':
      return <CreateBead />;
    case 'palette':
      return <Palette />;
    case 'keys':
      return <KeysHelp />;
  }
}
