import {
  approverRightCode,
  assignmentCode,
  masterKey,
  taskCode,
  type MasterKind,
  type MasterObject,
  type TimeEntryContent,
} from '@tieout/model';
import { MasterReadModel, type Tx } from '@tieout/persistence';
import { MasterIndex, MasterView } from '../domain/master-view.js';

export type MasterCode = { readonly kind: MasterKind; readonly code: string };
type Named = Pick<TimeEntryContent, 'workerCode' | 'projectCode' | 'taskCode'> & { readonly approvedBy?: string | undefined };

/** What the contents name themselves. */
export const keysOf = (contents: readonly Named[]): MasterCode[] => {
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

/** The master data that these contents can be assessed with. */
export const masterViewOf = async (tx: Tx, contents: readonly Named[]): Promise<MasterView> => {
  const loaded = new Loaded(tx);
  await loaded.load(keysOf(contents));
  const renamed = contents.flatMap((named) => loaded.renamed(named));
  // What belongs to an object is named by the code that it has now: its tasks, rates and assignments.
  if (renamed.length > 0) await loaded.load(keysOf(renamed));
  await loaded.loadRights([...contents, ...renamed]);
  return loaded.view();
};

/** The objects of these keys, and what hangs on them: legal entities, cost centres, accounting periods, exchange rates. */
export const masterViewFor = async (tx: Tx, keys: readonly MasterCode[]): Promise<MasterView> => {
  const loaded = new Loaded(tx);
  await loaded.load(keys);
  return loaded.view();
};

/** Merges in a row that are followed. */
const MERGES = 3;

class Loaded {
  readonly #master = new MasterReadModel();
  readonly #index = new MasterIndex();
  readonly #said = new Mentioned();
  constructor(private readonly tx: Tx) {}

  async load(keys: readonly MasterCode[]): Promise<void> {
    let wanted = keys;
    for (let step = 0; step <= MERGES && wanted.length > 0; step++) {
      const missing = wanted.filter(({ kind, code }) => this.#index.get(kind, code) === undefined);
      const found = await this.#master.holders(this.tx, missing);
      const merged: MasterCode[] = [];
      for (const { kind, code } of missing) {
        const holders = found.get(masterKey(kind, code)) ?? [];
        this.#index.put(kind, code, holders);
        for (const object of holders) {
          this.#said.readFrom(object);
          if (object.code !== code) merged.push({ kind, code: object.code });
          if (object.mergedInto !== undefined) merged.push({ kind, code: object.mergedInto.code });
        }
      }
      wanted = merged;
    }
  }

  /** The same under the codes that worker and project have now, where those are others. */
  renamed(named: Named): Named[] {
    const workers = this.#currentCodes('worker', named.workerCode);
    const projects = this.#currentCodes('project', named.projectCode);
    return workers
      .flatMap((workerCode) => projects.map((projectCode) => ({ ...named, workerCode, projectCode })))
      .filter(({ workerCode, projectCode }) => workerCode !== named.workerCode || projectCode !== named.projectCode);
  }

  /** Who approved, and the rights that he may have had. Firms without any are spared the questions. */
  async loadRights(contents: readonly Named[]): Promise<void> {
    const approved = contents.filter(({ approvedBy }) => approvedBy !== undefined);
    await this.load(codes('worker', new Set(approved.map(({ approvedBy }) => approvedBy!))));
    if (approved.length === 0 || !(await this.#master.hasKind(this.tx, 'approver-right'))) return;
    const rights = new Set<string>();
    for (const { workerCode, projectCode, approvedBy } of approved)
      for (const approver of this.#currentCodes('worker', approvedBy!)) {
        rights.add(approverRightCode('worker', workerCode, approver)).add(approverRightCode('project', projectCode, approver));
        for (const entity of this.#entitiesOf(workerCode)) rights.add(approverRightCode('legal-entity', entity, approver));
      }
    await this.load(codes('approver-right', rights));
  }

  async view(): Promise<MasterView> {
    const { entities, costCentres, currencies } = this.#said;
    await this.load([...codes('cost-centre', costCentres), ...codes('legal-entity', entities)]);
    for (const entity of entities) {
      this.#index.putPeriods(entity, await this.#master.byKind(this.tx, 'accounting-period', entity));
      for (const { timeline } of this.#index.get('legal-entity', entity)?.holders ?? [])
        for (const { attributes } of timeline) if (attributes['currency']) currencies.add(attributes['currency']);
    }
    const pairs = [...currencies].flatMap((from) => [...currencies].filter((to) => to !== from).map((to) => `${from}/${to}`));
    await this.load(codes('exchange-rate', pairs));
    return new MasterView(this.#index);
  }

  /** Of the last in every row of changes and merges: of several holders of a code, the date of each entry says which is meant. */
  #currentCodes(kind: MasterKind, code: string): string[] {
    const holders = this.#index.get(kind, code)?.holders ?? [];
    if (holders.length === 0 || (holders.length === 1 && holders[0]!.code === code && !holders[0]!.mergedInto)) return [code];
    const seen = new Set([code]);
    for (const each of seen)
      for (const object of this.#index.get(kind, each)?.holders ?? [])
        seen.add(object.mergedInto?.code ?? object.code).add(object.code);
    return [...seen];
  }

  #entitiesOf(workerCode: string): string[] {
    const holders = this.#index.get('worker', workerCode)?.holders ?? [];
    return holders.flatMap(({ timeline }) => timeline.flatMap(({ attributes }) => attributes['legalEntity'] ?? []));
  }
}

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
