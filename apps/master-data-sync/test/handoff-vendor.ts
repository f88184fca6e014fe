import type { Clock } from '@tieout/clock';
import {
  lookThenMake,
  type Connector,
  type FoundProject,
  type NewProject,
  type ProjectOutcome,
  type ProjectTarget,
} from '@tieout/connector-kit';
import { Fault } from '@tieout/model';

interface Standing extends FoundProject {
  readonly reference: string;
  readonly name: string;
}
/** What the vendor does with the next request that makes a project. `late`: carried out after its caller gave up, within the settle time. */
export type Mishap = 'answer-lost' | 'never-arrived' | 'late' | 'lie' | 'away' | 'refuse' | 'session-ended';

export const CAPABILITIES = { deadlineMs: 3_000, settleMs: 1_000, readLagMs: 500, unique: 'none' } as const;

/** A system that would make two projects of one code without a word: only looking first keeps a second away. */
export class HandoffVendor {
  readonly projects: Standing[] = [];
  readonly mishaps: Mishap[] = [];
  /** Called before and after each request: the moment to crash. */
  touch: (where: string) => void = () => undefined;
  /** Holds the next request until it is resolved. */
  gate: Promise<void> | undefined;
  readonly #onTheWay: { readonly at: number; readonly project: Standing }[] = [];

  constructor(
    readonly connection: string,
    private readonly clock: Clock,
  ) {}

  connector(): Connector {
    return {
      manifest: {
        system: `fake-${this.connection}`,
        title: this.connection,
        masterData: { kinds: ['project'] },
        projects: CAPABILITIES,
        limits: '',
      },
      parseConfig: () => ({}),
      projectTarget: () => this.#target(),
    };
  }
  count(code: string): number {
    this.#arrive();
    return this.projects.filter((project) => project.code === code).length;
  }
  add(code: string, legalEntityId: string, client: string): void {
    this.projects.push({
      externalId: `${this.connection}-${this.projects.length + 1}`,
      code,
      ours: false,
      legalEntityId,
      client,
      reference: '',
      name: '',
    });
  }

  #target(): ProjectTarget {
    return {
      verifyAccess: async () => undefined,
      putProject: async (project, reference) => {
        this.touch(`${this.connection} before`);
        const outcome = await lookThenMake(
          { find: async (code) => this.#find(code, reference), make: async (wanted) => this.#make(wanted, reference) },
          project,
          reference,
        );
        this.touch(`${this.connection} after`);
        return outcome;
      },
    };
  }
  #find(code: string, reference: string): FoundProject[] {
    this.#arrive();
    return this.projects
      .filter((project) => project.code === code || project.reference === reference)
      .map((project) => ({ ...project, ours: project.reference === reference }));
  }
  async #make(project: NewProject, reference: string): Promise<Exclude<ProjectOutcome, { kind: 'exists' }>> {
    await this.gate;
    const mishap = this.mishaps.shift();
    if (mishap === 'away') throw new Fault('Unavailable', 'nobody answers');
    if (mishap === 'refuse') return { kind: 'refused', reasons: ['no budget code'] };
    if (mishap === 'never-arrived') throw new Fault('OutcomeUnknown', 'cut');
    const externalId = `${this.connection}-${this.projects.length + 1}`;
    const { code, name, legalEntityId, client } = project;
    const made: Standing = { externalId, code, name, ours: true, legalEntityId, client, reference };
    if (mishap === 'lie') return { kind: 'created', externalId: `${externalId}-lie` };
    if (mishap === 'late') {
      this.#onTheWay.push({ at: this.clock.epochMs() + CAPABILITIES.deadlineMs + CAPABILITIES.settleMs - 1, project: made });
      throw new Fault('OutcomeUnknown', 'no answer within the deadline');
    }
    this.projects.push(made);
    if (mishap === 'answer-lost') throw new Fault('OutcomeUnknown', 'cut after the request left');
    if (mishap === 'session-ended') throw new Error('socket hang up in a way that nobody foresaw');
    return { kind: 'created', externalId };
  }
  #arrive(): void {
    while (this.#onTheWay[0] && this.#onTheWay[0].at <= this.clock.epochMs()) this.projects.push(this.#onTheWay.shift()!.project);
  }
}
