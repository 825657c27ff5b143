/** Whether a JSON value is an object with named members. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The one member that names a statement or expression: `{"match": {…}}` is `['match', {…}]`; `null` for a scalar. */
export const named = (value: unknown): readonly [string, unknown] | null =>
  isRecord(value) ? (Object.entries(value)[0] ?? null) : null;

export const member = (value: unknown, key: string): unknown =>
  isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;

export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export const listOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
};
