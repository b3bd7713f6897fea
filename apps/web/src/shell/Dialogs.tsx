import type { DialogName } from '../ui-state.ts';
import { CreateBead } from './CreateBead.tsx';
import { CreateConvoy } from './CreateConvoy.tsx';
import { KeysHelp } from './KeysHelp.tsx';
import { Palette } from './Palette.tsx';
import { StartMany } from './StartMany.tsx';
import { StopTown } from './StopTown.tsx';

export function Dialogs({ dialog }: { dialog: DialogName }) {
  switch (dialog) {
    case 'create-bead':
      return <CreateBead />;
    case 'create-convoy':
      return <CreateConvoy />;
    case 'stop-town':
      return <StopTown />;
    case 'palette':
      return <Palette />;
    case 'keys':
      return <KeysHelp />;
    case 'start-many':
      return <StartMany />;
  }
}
