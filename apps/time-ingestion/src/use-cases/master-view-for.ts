import { assignmentCode, masterKey, taskCode, type MasterKind, type MasterObject, type TimeEntryContent } from '@tieout/model';
import { MasterReadModel, type Tx } from '@tieout/persistence';
import { MasterView } from '../domain/master-view.js';

export type MasterCode = { readonly kind: MasterKind; readonly code: string };

/** What the contents name themselves. */
export const keysOf = (contents: readonly TimeEntryContent[]): MasterCode[] => {
  const keys = new Map<string, MasterCode>();
  const add = (kind: MasterKind, code: string) => keys.set(masterKey(kind, code), { kind, code });
  for (const { workerCode, projectCode, taskCode: task } of contents) {
    add('worker', workerCode);
    add('cost-rate', workerCode);
    add('project', projectCode);
    add('bill-rate', projectCode);
    add('bill-rate', `${projectCode}/${workerCode}`);
    add('assignment', assignmentCode(projectCode, workerCode));
    if (task !== undefined) add('task', taskCode(projectCode, task));
  }
  return [...keys.values()];
};

/** The objects of these keys, and what hangs on them: legal entities, cost centres, accounting periods, exchange rates. */
export const masterViewFor = async (tx: Tx, keys: readonly MasterCode[]): Promise<MasterView> => {
  const master = new MasterReadModel();
  const objects = await master.byCodes(tx, keys);
  const load = async (more: readonly MasterCode[]): Promise<void> => {
    for (const [key, object] of await master.byCodes(tx, more)) objects.set(key, object);
  };
  const said = new Mentioned();
  for (const object of objects.values()) said.readFrom(object);
  const { entities, costCentres, currencies } = said;
  await load([...codes('cost-centre', costCentres), ...codes('legal-entity', entities)]);
  const periods = new Map<string, readonly MasterObject[]>();
  for (const entity of entities) {
    periods.set(entity, await master.byKind(tx, 'accounting-period', entity));
    for (const { attributes } of objects.get(masterKey('legal-entity', entity))?.timeline ?? [])
      if (attributes['currency']) currencies.add(attributes['currency']);
  }
  const pairs = [...currencies].flatMap((from) => [...currencies].filter((to) => to !== from).map((to) => `${from}/${to}`));
  await load(codes('exchange-rate', pairs));
  return new MasterView(objects, periods);
};

const codes = (kind: MasterKind, of: Iterable<string>): MasterCode[] => [...of].map((code) => ({ kind, code }));

class Mentioned {
  readonly entities = new Set<string>();
  readonly costCentres = new Set<string>();
  readonly currencies = new Set<string>();

  readFrom({ kind, timeline }: MasterObject): void {
    for (const { attributes } of timeline) {
      if ((kind === 'worker' || kind === 'project') && attributes['legalEntity']) this.entities.add(attributes['legalEntity']);
      if (kind === 'worker' && attributes['costCentre']) this.costCentres.add(attributes['costCentre']);
      if (kind === 'cost-rate' && attributes['currency']) this.currencies.add(attributes['currency']);
    }
  }
}
