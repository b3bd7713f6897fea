import { useState, type ReactNode } from 'react';
import { Button, type ButtonProps } from './Button.tsx';

/** For what loses something: the first press says what is lost, the second does it. Leaving the button takes it back. */
export function ConfirmButton({
  children,
  sure,
  onConfirm,
  ...rest
}: Omit<ButtonProps, 'onClick'> & { sure: ReactNode; onConfirm: () => void }) {
  const [asking, setAsking] = useState(false);
  return (
    <Button
      {...rest}
      kind={asking ? 'danger' : rest.kind}
      onClick={() => {
        setAsking(!asking);
        if (asking) onConfirm();
      }}
      onBlur={() => setAsking(false)}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && asking) {
          event.preventDefault();
          event.stopPropagation();
          setAsking(false);
        }
      }}
    >
      <span aria-live="polite">{asking ? sure : children}</span>
    </Button>
  );
}
