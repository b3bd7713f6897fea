import { TextArea } from '../ui/Field.tsx';

/** What a merge must pass, in this order (QG-1): one command a line. `without`: what follows from none. */
export function GatesField({
  value,
  onChange,
  without,
  placeholder,
}: {
  value: string;
  onChange: (value: string) => void;
  without: string;
  placeholder?: string;
}) {
  return (
    <TextArea
      label="Gates"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      {...(placeholder !== undefined && { placeholder })}
      className="font-mono !text-xs"
      rows={3}
      hint={`One command a line. All must exit 0 on the merge result before it lands; ${without}`}
      spellCheck={false}
    />
  );
}

export const gatesIn = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
