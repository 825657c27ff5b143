/**
 * A statement or expression as libnftables 0.9.0 prints it, before its JSON had a schema version, in the words of version 1:
 * a comparison without an operator is one for equality, `meta` has its key as plain text, and `payload` calls its
 * protocol a name. What is in the words of version 1 already stays.
 * @see libnftables-json(5)
 */
export const asOfSchemaOne = (json: unknown): unknown => {
  if (Array.isArray(json)) return json.map(asOfSchemaOne);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([kind, body]) => [kind, renamed(kind, asOfSchemaOne(body))]));
};

const renamed = (kind: string, body: unknown): unknown => {
  if (kind === 'meta' && typeof body === 'string') return { key: body };
  if (typeof body !== 'object' || body === null) return body;
  if (kind === 'match' && !('op' in body)) return { op: '==', ...body };
  if (kind !== 'payload' || !('name' in body) || 'protocol' in body) return body;
  const { name, ...rest } = body;
  return { protocol: name, ...rest };
};
