import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../config.js';

/** A tool never imports an app: what is measured is the built code itself, by its path, with as much of its shape as the bench needs. */
export const built = <T>(file: string): Promise<T> => import(pathToFileURL(join(ROOT, file)).href) as Promise<T>;

export interface Segment {
  readonly validFrom: string;
  readonly attributes: Readonly<Record<string, string>>;
}
export interface Master {
  readonly kind: string;
  readonly code: string;
  readonly id: string;
  readonly revision: number;
  readonly legalEntityId: string;
  readonly timeline: readonly Segment[];
  readonly crossReferences: readonly never[];
  readonly attributeSources: Readonly<Record<string, string>>;
  readonly ambiguous: boolean;
}
export interface Subject {
  readonly content: Readonly<Record<string, string | undefined>> & { readonly workerCode: string; readonly projectCode: string };
  readonly approval: { readonly by: string; readonly at: string };
  readonly correction: boolean;
  readonly versionReceivedAt: string;
  readonly day: { readonly otherHours: string; readonly intervals: readonly never[] };
}
interface View {
  fresh(): View;
}
interface Policy {
  readonly digest: string;
}
export interface Evaluation {
  /** On all master data of the firm. */
  readonly wholeView: View;
  /** On what these entries name and what hangs on it, as the service reads it for each batch. */
  viewOf(batch: readonly Subject[]): View;
  newRun(now: string): unknown;
  assess(run: unknown, subject: Subject, view: View): { readonly kind: string };
}

interface PolicyModule {
  compilePolicy(
    files: Readonly<Record<string, string>>,
  ): { readonly ok: true; readonly policy: Policy } | { readonly ok: false; readonly problems: unknown };
}
interface AssessModule {
  assessIn(run: unknown, subject: Subject, view: View): { readonly kind: string };
}
interface RunModule {
  readonly Assessment: new (policy: Policy, now: string) => unknown;
}
interface MasterCode {
  readonly kind: string;
  readonly code: string;
}
interface KeysModule {
  keysOf(contents: readonly Subject['content'][]): readonly MasterCode[];
}
interface Index {
  put(kind: string, code: string, holders: readonly Master[]): void;
  putPeriods(legalEntity: string, periods: readonly Master[]): void;
}
interface ViewModule {
  readonly MasterIndex: new () => Index;
  readonly MasterView: new (index: Index) => View;
}

const DOMAIN = 'apps/time-ingestion/dist/domain';

export const bundleTexts = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );

/** The demo bundle and the service's own assessment on this master data. */
export const openEvaluation = async (objects: readonly Master[]): Promise<Evaluation> => {
  const { compilePolicy } = await built<PolicyModule>('libs/policy/dist/index.js');
  const compiled = compilePolicy(bundleTexts(join(ROOT, 'deploy/governance/demo')));
  if (!compiled.ok) throw new Error(`the demo bundle does not compile: ${JSON.stringify(compiled.problems)}`);
  const { policy } = compiled;
  const { assessIn } = await built<AssessModule>(`${DOMAIN}/assess.js`);
  const { Assessment } = await built<RunModule>(`${DOMAIN}/assessment.js`);
  const { MasterIndex, MasterView } = await built<ViewModule>(`${DOMAIN}/master-view.js`);
  const { keysOf } = await built<KeysModule>('apps/time-ingestion/dist/use-cases/master-view-for.js');
  const byKey = new Map(objects.map((object) => [`${object.kind}:${object.code}`, object]));
  const shared = objects.filter(({ kind }) => SHARED.includes(kind));
  const periods = Map.groupBy(
    objects.filter(({ kind }) => kind === 'accounting-period'),
    ({ legalEntityId }) => legalEntityId,
  );
  const indexOf = (codes: readonly MasterCode[]): Index => {
    const index = new MasterIndex();
    for (const { kind, code } of codes) {
      const object = byKey.get(`${kind}:${code}`);
      index.put(kind, code, object === undefined ? [] : [object]);
    }
    for (const [legalEntity, all] of periods) index.putPeriods(legalEntity, all);
    return index;
  };
  return {
    wholeView: new MasterView(indexOf(objects)),
    viewOf: (batch) => new MasterView(indexOf([...keysOf(batch.map(({ content }) => content)), ...shared])),
    newRun: (now) => new Assessment(policy, now),
    assess: assessIn,
  };
};

/** What hangs on what the entries name. */
const SHARED = ['legal-entity', 'cost-centre'];
