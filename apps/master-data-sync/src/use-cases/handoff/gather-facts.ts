import { attributesOn, masterKey, resolveCode, type MasterAttributes, type MasterKind, type MasterObject } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import { HandoffStore } from '../../adapters/postgres/handoff.store.js';
import { ObjectStore } from '../../adapters/postgres/object.store.js';
import { SyncStateStore } from '../../adapters/postgres/sync-state.store.js';
import type { HandoffFacts } from '../../domain/handoff/check-handoff.js';

/** What an opportunity names, by the attribute that names it. */
const NAMED = [
  ['client', 'client'],
  ['legal-entity', 'legalEntity'],
  ['worker', 'projectManager'],
  ['project', 'projectCode'],
] as const satisfies readonly (readonly [MasterKind, keyof MasterAttributes['opportunity']])[];

/** Looks up what an opportunity names, as it is today. */
export class GatherFacts {
  constructor(
    private readonly objects: ObjectStore,
    private readonly states: SyncStateStore,
    private readonly handoffs: HandoffStore,
  ) {}

  /** @returns undefined while a system of record was never read to its end: what it does not know yet is not missing. */
  async gather(tx: Tx, opportunity: MasterObject, policy: CompiledPolicy, today: string): Promise<HandoffFacts | undefined> {
    const won = attributesOn({ ...opportunity, kind: 'opportunity' }, today);
    const legalEntityId = won?.legalEntity ?? opportunity.legalEntityId;
    if (!(await this.#wereRead(tx, policy, legalEntityId))) return undefined;
    const keys = NAMED.flatMap(([kind, attribute]) => {
      const code = won?.[attribute];
      return code === undefined ? [] : [{ kind, code }];
    });
    const byKey = new Map<string, MasterObject[]>();
    for (const holder of await this.objects.holders(tx, keys))
      for (const code of [holder.code, ...(holder.formerCodes ?? []).map((former) => former.code)]) {
        const key = masterKey(holder.kind, code);
        byKey.set(key, [...(byKey.get(key) ?? []), holder]);
      }
    const known = <K extends (typeof NAMED)[number][0]>(kind: K, code: string | undefined): MasterAttributes[K] | undefined => {
      const { found } = code === undefined ? { found: undefined } : resolveCode(kind, code, today, (key) => byKey.get(key) ?? []);
      return found === undefined || found === 'ambiguous' || found.ambiguous
        ? undefined
        : attributesOn({ ...found, kind }, today);
    };
    const code = won?.projectCode;
    return {
      today,
      ambiguous: opportunity.ambiguous,
      client: known('client', won?.client),
      legalEntity: known('legal-entity', won?.legalEntity),
      manager: known('worker', won?.projectManager),
      project: known('project', code),
      otherOpportunity: code === undefined ? undefined : await this.handoffs.otherWith(tx, code, opportunity.id),
      projectSystems: policy.projectSystems(legalEntityId),
      postingRoutes: policy.feedRoutes('posting', legalEntityId),
      projectOwner: policy.systemOfRecord('project', 'code', legalEntityId),
    };
  }

  async #wereRead(tx: Tx, policy: CompiledPolicy, legalEntityId: string): Promise<boolean> {
    const read = new Set((await this.states.kinds(tx)).map(({ connection, kind }) => `${connection} ${kind}`));
    return NAMED.every(([kind]) => {
      const owner = policy.systemOfRecord(kind, 'code', legalEntityId);
      return owner === undefined || read.has(`${owner} ${kind}`);
    });
  }
}
