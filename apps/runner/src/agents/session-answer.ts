import { z } from 'zod';

/**
 * What an agent answers when a session is opened, resumed or set. The library looks at what is asked of us and not at what is answered: a program may say anything.
 */
const MOST = 200;
const Choice = z.looseObject({ value: z.string() }).transform(({ value }) => [value]);
const Group = z.looseObject({ options: z.array(Choice) }).transform(({ options }) => options.flat());
const ConfigOption = z.looseObject({
  id: z.string(),
  currentValue: z.string().max(MOST).nullish().catch(null),
  options: z.array(z.union([Choice, Group])).catch([]),
});
const Options = z.looseObject({ configOptions: z.array(ConfigOption).catch([]) }).catch({ configOptions: [] });
const Made = z.looseObject({ sessionId: z.string().min(1).max(MOST) });

/** Null: it is no id. */
export const sessionIn = (answer: unknown): string | null => Made.safeParse(answer).data?.sessionId ?? null;

/** The model of a session, null where the agent does not say or says what is no name, and the others that may be chosen. */
export interface SessionModel {
  readonly current: string | null;
  readonly offered: readonly string[];
}

export function modelIn(answer: unknown): SessionModel | null {
  const option = Options.parse(answer).configOptions.find(({ id }) => id === 'model');
  return option === undefined ? null : { current: option.currentValue ?? null, offered: option.options.flat() };
}
