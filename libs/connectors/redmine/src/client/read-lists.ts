import type { RedmineCustomField, RedminePage, RedmineProject, RedmineUser } from './redmine-types.js';

/** All pages of a short list (users, projects). */
export const readList = async (read: (offset: number) => Promise<RedminePage>): Promise<readonly unknown[]> => {
  const all: unknown[] = [];
  for (;;) {
    const page = await read(all.length);
    all.push(...page.items);
    if (page.items.length === 0 || all.length >= page.total) return all;
  }
};

export const isUser = (item: unknown): item is RedmineUser => typeof (item as RedmineUser | null)?.id === 'number';

export const isProject = (item: unknown): item is RedmineProject => {
  const project = item as RedmineProject | null;
  return typeof project?.id === 'number' && typeof project.identifier === 'string' && project.identifier !== '';
};

/** Several values are joined as Redmine shows them; empty is absent. */
export const customValue = (field: RedmineCustomField): string | undefined => {
  const value = Array.isArray(field.value) ? field.value.join(', ') : (field.value as string | null | undefined);
  return value === null || value === undefined || value === '' ? undefined : String(value);
};

export const customValueNamed = (fields: readonly RedmineCustomField[] | undefined, name: string): string | undefined => {
  const field = fields?.find((one) => one.name === name);
  return field && customValue(field);
};
