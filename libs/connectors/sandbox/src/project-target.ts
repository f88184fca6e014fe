import {
  lookThenMake,
  type FoundProject,
  type HttpAnswer,
  type NewProject,
  type ProjectOutcome,
  type ProjectTarget,
  type ProjectVendor,
} from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import type { SandboxClient } from './client/sandbox-client.js';
import { isObject, objectsAt, optionalText, textAt, type JsonObject } from './client/shape.js';

/** One system's words for what the others have, too. */
interface ProjectWords {
  readonly path: string;
  readonly accessPath: string;
  readonly code: string;
  readonly reference: string;
  readonly legalEntity: string;
  readonly client: string;
  readonly body: (project: NewProject) => JsonObject;
}

/** The PSA's names of methods; others go as they are, for it to refuse. */
const REVENUE: Readonly<Record<string, string>> = { 'time-and-material': 'TM', 'percent-of-completion': 'POC' };

const PSA_WORDS: ProjectWords = {
  path: '/v2/projects',
  accessPath: '/v2/me',
  code: 'code',
  reference: 'externalRef',
  legalEntity: 'company',
  client: 'client',
  body: (project) => ({
    code: project.code,
    name: project.name,
    company: project.legalEntityId,
    client: project.client,
    billable: project.billable,
    teamOnly: false,
    startsOn: project.activeFrom,
    endsOn: project.activeTo,
    plannedHours: project.budgetHours,
    plannedCost: project.budgetAmount,
    revenue: project.revenueMethod && (REVENUE[project.revenueMethod] ?? project.revenueMethod),
    manager: project.manager,
  }),
};

const ERP_WORDS: ProjectWords = {
  path: '/projects',
  accessPath: '/status',
  code: 'number',
  reference: 'reference',
  legalEntity: 'company',
  client: 'customer',
  body: (project) => ({
    number: project.code,
    description: project.name,
    company: project.legalEntityId,
    customer: project.client,
    currency: project.currency,
    budget: project.budgetAmount,
    from: project.activeFrom,
    to: project.activeTo,
  }),
};

/** The body, when it is an object: an answer to a write must never become another fault while it is being read. */
const bodyOf = ({ text }: HttpAnswer): JsonObject => {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : {};
  } catch {
    return {};
  }
};

const reasonsOf = (error: JsonObject): string[] => {
  const { problems } = error;
  const named = Array.isArray(problems) ? problems.filter((problem) => typeof problem === 'string') : [];
  return named.length > 0
    ? named
    : [`${optionalText(error, 'code') ?? 'no error code'}: ${optionalText(error, 'message') ?? 'no message'}`];
};

class SandboxProjects implements ProjectVendor {
  constructor(
    private readonly client: SandboxClient,
    private readonly words: ProjectWords,
  ) {}

  async find(code: string, reference: string): Promise<readonly FoundProject[]> {
    const { words } = this;
    const path = `${words.path}/search`;
    const body = await this.client.readPresent(path, { [words.code]: code, [words.reference]: reference });
    return objectsAt(body, 'items', path).flatMap((item) => {
      const ours = optionalText(item, words.reference) === reference;
      if (!ours && optionalText(item, words.code) !== code) return [];
      return [
        {
          externalId: textAt(item, 'id', path),
          code: textAt(item, words.code, path),
          ours,
          legalEntityId: optionalText(item, words.legalEntity),
          client: optionalText(item, words.client),
        },
      ];
    });
  }

  async make(project: NewProject, reference: string): Promise<Exclude<ProjectOutcome, { kind: 'exists' }> | { kind: 'taken' }> {
    const { words } = this;
    const answer = await this.client.post(words.path, { ...words.body(project), [words.reference]: reference }, {});
    const body = bodyOf(answer);
    if (answer.status < 400) {
      const externalId = optionalText(body, 'id');
      if (answer.status === 201 && externalId !== undefined) return { kind: 'created', externalId };
      throw new Fault('OutcomeUnknown', `POST ${words.path}: ${answer.status} without a project`);
    }
    const error = isObject(body['error']) ? body['error'] : {};
    if (answer.status === 409 && error['code'] === 'CODE_TAKEN') return { kind: 'taken' };
    // A page without a code is not the system speaking.
    if (optionalText(error, 'code') === undefined)
      throw new Fault('ContractBroken', `POST ${words.path}: ${answer.status} without an error code`);
    return { kind: 'refused', reasons: reasonsOf(error) };
  }
}

const targetOf = (client: SandboxClient, words: ProjectWords): ProjectTarget => {
  const vendor = new SandboxProjects(client, words);
  return {
    verifyAccess: async () => void (await client.readPresent(words.accessPath)),
    putProject: (project, reference) => lookThenMake(vendor, project, reference),
  };
};

export const psaProjects = (client: SandboxClient): ProjectTarget => targetOf(client, PSA_WORDS);
export const erpProjects = (client: SandboxClient): ProjectTarget => targetOf(client, ERP_WORDS);
