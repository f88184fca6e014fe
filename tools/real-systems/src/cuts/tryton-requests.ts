import type { PassingRequest } from './cut-plan.js';

const WRITING = new Set(['create', 'post', 'delete'].map((act) => `model.account.move.${act}`));

/** Which of Tryton's calls write into the books, and for which move: by its description before it has an id. */
export const readTrytonRequest = (body: string): PassingRequest => {
  const { method, params } = JSON.parse(body) as { method: string; params: readonly unknown[] };
  if (!WRITING.has(method)) return { effect: 'reading', subject: method };
  const [first] = params[0] as readonly (number | { readonly description?: string })[];
  return { effect: 'writing', subject: `${method} ${typeof first === 'object' ? first.description : first}` };
};
