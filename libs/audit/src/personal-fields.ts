/**
 * What of an audit record is personal, and therefore kept apart where it can be erased. This is the one place that says so.
 *
 * By kind of subject: fields at any depth of `before` and `after`. `person` is HR's key of a human being and leads back to the name.
 * Codes ("W-1007") and actors ("user:…") are pseudonyms: who they are stands in HR and at the identity provider, and is erased there.
 */
export const PERSONAL_FIELDS: Readonly<Record<string, ReadonlySet<string> | undefined>> = {
  worker: new Set(['name', 'firstName', 'lastName', 'displayName', 'userName', 'email', 'phone', 'person', 'externalId']),
};

/** What a person typed ("why") may name anybody; what services say are our own words. */
export const typedByAPerson = (actor: string): boolean => actor.startsWith('user:');
