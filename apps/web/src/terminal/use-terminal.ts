import type { TerminalKind } from '@gastown/protocol';
import { useEffect, useRef, useState } from 'react';
import { openSocket, type Socket } from '../live-socket.ts';
import { TerminalSession, type Condition } from './session.ts';
import { openWindow, type TerminalWindow } from './window.ts';

/** The one hook of every terminal, the Mayor's and the others' (WS-14): a window in `box`, a session over a socket, and what there is to say about it. */
export interface TerminalLook {
  readonly condition: Condition;
  readonly notSent: number;
  /** Typed while nobody could take it: it is kept. */
  readonly waiting: number;
  /** Open, and its program has drawn nothing yet. */
  readonly starting: boolean;
  readonly window: TerminalWindow | null;
  readonly broken: boolean;
  readonly again: () => void;
  readonly forgetNotSent: () => void;
  readonly type: (text: string) => void;
}

interface Wish {
  readonly town: string;
  readonly agent: string;
  readonly kind: TerminalKind;
  readonly label: string;
  readonly onLeave: () => void;
  readonly onCopied: () => void;
}

const START = { cols: 80, rows: 24 };
/** Asked again this often while nothing answers. */
const NUDGE_MS = 5_000;

export function useTerminal(box: React.RefObject<HTMLElement | null>, wish: Wish): TerminalLook {
  const { town, agent, kind } = wish;
  const [look, setLook] = useState<Pick<TerminalLook, 'condition' | 'notSent' | 'waiting' | 'starting'>>({
    condition: { is: 'connecting' },
    notSent: 0,
    waiting: 0,
    starting: true,
  });
  const [window, setWindow] = useState<TerminalWindow | null>(null);
  const [broken, setBroken] = useState(false);
  const session = useRef<TerminalSession | null>(null);
  const now = useRef(wish);
  useEffect(() => {
    now.current = wish;
  });

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let gone = false;
    let close = (): void => undefined;
    const open = async (): Promise<void> => {
      const made = await openWindow(element, {
        label: now.current.label,
        onTyped: (bytes) => void session.current?.type(bytes),
        onCopied: () => now.current.onCopied(),
        onLeave: () => now.current.onLeave(),
      });
      if (gone) return made.close();
      let socket: Socket | null = null;
      const talk = new TerminalSession(
        {
          client: crypto.getRandomValues(new Uint32Array(3)).join('-'),
          send: (message) => socket?.send(message) ?? false,
          shown: made,
          onChange: () => setLook({ condition: talk.condition, notSent: talk.notSent, waiting: talk.waiting, starting: talk.starting }),
        },
        made.room() ?? START,
      );
      session.current = talk;
      socket = openSocket(`/api/towns/${town}/agents/${agent}/terminal?kind=${kind}`, {
        hello: () => talk.hello(),
        frame(data) {
          if (talk.frame(data)) return;
          socket?.close();
          setBroken(true);
        },
        bytes: (bytes) => talk.bytes(bytes),
        down: () => talk.down(),
      });
      made.onRoom(() => {
        const room = made.room();
        if (room) talk.fits(room);
      });
      const nudge = setInterval(() => talk.nudge(), NUDGE_MS);
      setWindow(made);
      close = () => {
        clearInterval(nudge);
        socket?.close();
        session.current = null;
        made.close();
      };
    };
    void open();
    return () => {
      gone = true;
      close();
      setWindow(null);
    };
  }, [box, town, agent, kind]);

  return {
    ...look,
    window,
    broken,
    again: () => session.current?.again(),
    forgetNotSent: () => session.current?.forgetNotSent(),
    type: (text) => void session.current?.type(new TextEncoder().encode(text)),
  };
}
