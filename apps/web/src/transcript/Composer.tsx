import { ArrowUp } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Refusal } from '../commands/use-command.ts';
import { Busy } from '../ui/Button.tsx';
import { RefusalNote } from '../ui/Field.tsx';

/** Enter sends, Shift+Enter breaks the line. The text stays until the town has taken it. */
export function Composer({
  label,
  onSend,
  pending,
  refusal,
  next,
  above,
  suggestions = [],
  focusName,
  text: given,
  onText,
}: {
  label: string;
  onSend: (text: string) => Promise<boolean>;
  pending: boolean;
  refusal: Refusal | null;
  /** What to do about the refusal, where it is not what that says of itself. */
  next?: ReactNode;
  above?: ReactNode;
  /** Texts to begin with: one that is chosen stands in the field, where Enter sends it. */
  suggestions?: readonly string[];
  focusName?: string;
  text?: string;
  onText?: (text: string) => void;
}) {
  const [own, setOwn] = useState('');
  const text = given ?? own;
  const setText = onText ?? setOwn;
  const field = useRef<HTMLTextAreaElement>(null);
  const typed = useRef(text);
  useEffect(() => void (typed.current = text), [text]);
  const submit = async () => {
    const wish = text.trim();
    if (!wish || pending) return;
    // What was typed while it was under way stays.
    if ((await onSend(wish)) && typed.current.trim() === wish) setText('');
    field.current?.focus();
  };
  const choose = (suggestion: string) => {
    setText(suggestion);
    field.current?.focus();
  };
  return (
    <form
      data-foot
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {above}
      {suggestions.length > 0 && (
        <ul aria-label="Suggestions" data-suggests className="flex flex-wrap gap-1.5">
          {suggestions.map((suggestion) => (
            <li key={suggestion} className="max-w-full">
              <button
                type="button"
                onClick={() => choose(suggestion)}
                className="rounded-2xl border border-line-strong px-3 py-1 text-left text-sm text-muted transition-colors duration-100 hover:bg-hover hover:text-fg"
              >
                {suggestion}
              </button>
            </li>
          ))}
        </ul>
      )}
      <RefusalNote refusal={refusal} next={next} />
      <div className="flex items-end gap-2 rounded-xl border border-line-strong bg-raised py-1.5 pr-1.5 pl-3.5 shadow-row transition-colors duration-100 focus-within:border-focus">
        <textarea
          ref={field}
          aria-label={label}
          placeholder={`${label}…`}
          value={text}
          rows={1}
          data-composer={focusName}
          enterKeyHint="send"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              void submit();
            }
          }}
          className="field-sizing-content max-h-48 min-h-8 min-w-0 flex-1 resize-none bg-transparent py-1.5 text-base outline-none focus-visible:outline-none max-sm:text-[16px]"
        />
        <button
          type="submit"
          aria-label="Send"
          title="Send (Enter)"
          disabled={pending || !text.trim()}
          aria-busy={pending}
          className="inline-flex size-8 shrink-0 items-center justify-center rounded-lg bg-ink text-on-ink transition-opacity duration-100 disabled:bg-active disabled:text-faint"
        >
          {pending ? <Busy /> : <ArrowUp size={16} />}
        </button>
      </div>
    </form>
  );
}
