import type { z } from 'zod';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

/** What is wrong with a value, as it stands behind the name of its field: `title: must not be empty`. What has words of its own in its schema keeps them. */
export function whatIsWrong(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `${issue.input === undefined ? 'is missing; it ' : ''}must be ${KINDS[issue.expected] ?? `a ${issue.expected}`}`;
    case 'too_small':
      return sized(issue, issue.minimum, 'at least');
    case 'too_big':
      return sized(issue, issue.maximum, 'at most');
    case 'invalid_value':
      return oneOf(issue.values);
    case 'unrecognized_keys':
      return `unknown field ${named(issue.keys)}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return Array.isArray(issue.options) ? oneOf(issue.options) : 'has a form that it may not have';
    case 'invalid_format':
      return FORMATS[issue.format] ?? 'is not written as it must be';
    default:
      return 'is not as it must be';
  }
}

const KINDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  boolean: 'true or false',
};
const FORMATS: Readonly<Record<string, string>> = {
  url: 'must be an address, https://example.com say',
  email: 'must be an email address',
  safeint: 'must be a whole number',
};
const UNITS: Readonly<Record<string, readonly [string, string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
  set: ['entry', 'entries'],
  map: ['entry', 'entries'],
  record: ['entry', 'entries'],
};

type Sized = Extract<Issue, { code: 'too_small' | 'too_big' }>;
function sized({ origin, inclusive, exact }: Sized, bound: number | bigint, least: 'at least' | 'at most'): string {
  const unit = UNITS[origin];
  if (!unit) return `must be ${inclusive === false ? (least === 'at least' ? 'more than' : 'less than') : least} ${bound}`;
  if (least === 'at least' && bound === 1 && !exact) return 'must not be empty';
  return `must have ${exact ? 'exactly' : least} ${bound} ${unit[bound === 1 ? 0 : 1]}`;
}

/** All of a long list would hide what is wrong. */
const MOST = 20;
const named = (values: readonly unknown[]): string =>
  values
    .slice(0, MOST)
    .map((value) => (typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value)))
    .join(', ');
const oneOf = (values: readonly unknown[]): string =>
  `must be ${values.length > 1 ? 'one of ' : ''}${named(values)}${values.length > MOST ? ' and others' : ''}`;

/** Everything that is wrong with a value in one line, each behind its field: `summary: is missing; it must be a string`. `whole`: what the value itself is called. */
export const wrongFields = ({ issues }: z.core.$ZodError, whole = 'it'): string =>
  issues.map(({ path, message }) => `${path.map(String).join('.') || whole}: ${message}`).join('; ');
