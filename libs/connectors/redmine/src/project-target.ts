import {
  lookThenMake,
  type FoundProject,
  type HttpAnswer,
  type NewProject,
  type ProjectOutcome,
  type ProjectTarget,
  type ProjectVendor,
} from '@tieout/connector-kit';
import { Fault, isFault } from '@tieout/model';
import type { RedmineClient } from './client/redmine-client.js';
import { isProject } from './client/read-lists.js';

/** Redmine keeps no reference of a caller; the last line of the description does. */
const mark = (reference: string): string => `Tieout reference ${reference}`;

const TAKEN = /identifier.*taken/i;

/** Projects by their identifier, which Redmine keeps unique: archived and invisible ones count. */
class RedmineProjects implements ProjectVendor {
  constructor(private readonly client: RedmineClient) {}

  async find(code: string, reference: string): Promise<readonly FoundProject[]> {
    // A wrong key is told "not found" of a private project: that would be taken for an absence.
    await this.client.verifyKey();
    const project = await this.#visible(code);
    if (!isProject(project) || project.identifier !== code) return [];
    const { description } = project as { readonly description?: unknown };
    const ours = typeof description === 'string' && description.includes(mark(reference));
    return [{ externalId: String(project.id), code: project.identifier, ours }];
  }

  async make(project: NewProject, reference: string): Promise<Exclude<ProjectOutcome, { kind: 'exists' }> | { kind: 'taken' }> {
    const answer = await this.client.createProject({
      identifier: project.code,
      name: project.name,
      description: mark(reference),
      is_public: false,
    });
    if (answer.status === 201) return { kind: 'created', externalId: idOf(answer) };
    if (answer.status < 400) throw new Fault('OutcomeUnknown', `POST /projects.json: ${answer.status} without a project`);
    const errors = errorsOf(answer);
    if (answer.status !== 422 || errors.length === 0)
      throw new Fault('ContractBroken', `POST /projects.json: ${answer.status} without errors`);
    return errors.every((error) => TAKEN.test(error)) ? { kind: 'taken' } : { kind: 'refused', reasons: errors };
  }

  async #visible(code: string): Promise<unknown> {
    try {
      return await this.client.project(code);
    } catch (error) {
      // The key was good a moment ago: an archived project is shown to nobody. Its identifier stays taken.
      if (isFault(error, 'CredentialsRejected')) return undefined;
      throw error;
    }
  }
}

const bodyOf = ({ text }: HttpAnswer): Record<string, unknown> => {
  try {
    return (JSON.parse(text) as Record<string, unknown> | null) ?? {};
  } catch {
    return {};
  }
};
const idOf = (answer: HttpAnswer): string => {
  const { project } = bodyOf(answer);
  if (!isProject(project)) throw new Fault('OutcomeUnknown', 'POST /projects.json: 201 without a project');
  return String(project.id);
};
const errorsOf = (answer: HttpAnswer): string[] => {
  const { errors } = bodyOf(answer);
  return Array.isArray(errors) ? errors.filter((error) => typeof error === 'string') : [];
};

export const redmineProjects = (client: RedmineClient): ProjectTarget => {
  const vendor = new RedmineProjects(client);
  return {
    verifyAccess: () => client.verifyKey(),
    putProject: (project, reference) => lookThenMake(vendor, project, reference),
  };
};
