import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ListItem, ListStore } from './list-store.js';
import type { Panel } from './panel.js';
import { answerDone, VendorError } from './system.js';

/** How one system makes and finds projects. Its words differ, its habits do not. */
export interface ProjectDesk {
  readonly lists: ListStore;
  readonly panel: Panel;
  /** Where its lists are: "/v2". */
  readonly prefix: string;
  /** Its words for the project's code and for the reference that a caller may give. */
  readonly code: string;
  readonly reference: string;
  /** What this vendor refuses: 422 with one message each. */
  readonly problems: (project: ListItem) => readonly string[];
}

/** An answer that ignores its filters is as long as this. */
const MAX_FOUND = 200;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** From the look-up to the last `put` nothing waits, so two requests with one code cannot both find it free. */
const create = ({ lists, panel, code, problems }: ProjectDesk, body: Readonly<Record<string, unknown>>): ListItem => {
  const wanted = textOf(body[code]);
  const made: ListItem = { ...body, id: `PRJ-${randomUUID()}`, createdAt: new Date().toISOString() };
  const wrong = wanted === '' ? [`${code} is missing`] : problems(made);
  if (wrong.length > 0) throw new VendorError(422, 'PROJECT_INVALID', wrong.join('; '), { problems: wrong });
  const standing = panel.settings.uniqueCodes ? lists.find('projects', (project) => project[code] === wanted) : undefined;
  if (standing)
    throw new VendorError(409, 'CODE_TAKEN', `${code} ${wanted} is taken by project ${standing.id}`, { project: standing.id });
  if (panel.take('created-nothing')) return made;
  lists.put('projects', made);
  if (panel.take('duplicate-accept')) lists.put('projects', { ...made, id: `PRJ-${randomUUID()}` });
  return made;
};

/** `POST /projects` makes one; `GET /projects/search` finds by code or by the caller's reference, after the read lag. */
export const projectRoutes = (app: FastifyInstance, desk: ProjectDesk): void => {
  const { lists, panel, prefix, code, reference } = desk;
  app.post<{ Body: Record<string, unknown> | null }>(`${prefix}/projects`, (request, reply) =>
    answerDone(panel, request, reply, { status: 201, body: create(desk, request.body ?? {}) }),
  );
  app.get<{ Querystring: Record<string, string | undefined> }>(`${prefix}/projects/search`, (request) => {
    const asked = [code, reference].filter((field) => request.query[field] !== undefined);
    if (asked.length === 0) throw new VendorError(400, 'QUERY', `search by ${code} or ${reference}`);
    const seenBefore = Date.now() - panel.settings.readLagMs;
    const unfiltered = panel.take('ignore-filters', 'reads') !== undefined;
    const items = lists.filter(
      'projects',
      (project) =>
        Date.parse(textOf(project['createdAt']) || '1970-01-01') <= seenBefore &&
        (unfiltered || asked.some((field) => project[field] === request.query[field])),
    );
    return { items: items.slice(0, MAX_FOUND) };
  });
};
