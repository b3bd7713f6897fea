import { DEFAULT_PERMISSIONS, type Permissions, type PermissionRule, type PermissionSettings } from '@gastown/protocol';
import { Select } from '../ui/Field.tsx';

const FIELDS: readonly (readonly [keyof Permissions, string])[] = [
  ['web', 'Reach the network'],
  ['outside', 'Files outside the worktree'],
  ['commands', 'Run commands'],
];
const WORDS: Record<PermissionRule, string> = { allow: 'Allow', ask: 'Ask a person', deny: 'Deny' };

/** What agents may do without a person. Of a rig, empty means: as the town says. */
export function Allowances({
  value,
  onChange,
  town,
}: {
  value: PermissionSettings;
  onChange: (value: PermissionSettings) => void;
  town?: Permissions | undefined;
}) {
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="label mb-2">What agents may do</legend>
      <div className="grid items-end gap-3 sm:grid-cols-[repeat(auto-fill,minmax(13rem,1fr))]">
        {FIELDS.map(([field, label]) => (
          <Select
            key={field}
            label={label}
            value={value[field] ?? (town ? '' : DEFAULT_PERMISSIONS[field])}
            onChange={(event) => {
              const { [field]: _before, ...others } = value;
              onChange(event.target.value === '' ? others : { ...others, [field]: event.target.value as PermissionRule });
            }}
          >
            {town && <option value="">As the town: {WORDS[town[field]].toLowerCase()}</option>}
            {(['allow', 'ask', 'deny'] as const).map((rule) => (
              <option key={rule} value={rule}>
                {WORDS[rule]}
              </option>
            ))}
          </Select>
        ))}
      </div>
      <p className="text-xs text-faint">
        Counts for runs that start from now on. A question waits under Attention for a day, and its agent with it; then it is denied.
      </p>
    </fieldset>
  );
}
