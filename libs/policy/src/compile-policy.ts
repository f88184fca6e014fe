import type { ReasonCode } from '@tieout/model';
import { overlayFile, overlayOf, type Overlay } from './bundle/overlay-schema.js';
import { BUNDLE_FILES, OPTIONAL_FILES, type Bundle, type BundleFileName } from './bundle/schemas.js';
import { compileApprovals, compileSecondPerson } from './compile/approvals.js';
import { compileChangeCalendar } from './compile/change-calendar.js';
import { changedParts, digestOf, digestsOfParts } from './compile/digests.js';
import { compileCalendarRules, compileValidation } from './compile/federated.js';
import { compileMapping } from './compile/mapping.js';
import { compileAccounts, compileDueAt, compileSeverity, compileSystemsOfRecord, ownerOf } from './compile/rules.js';
import { compileOwnershipMatrix } from './compile/ownership-matrix.js';
import { compileDispatch } from './compile/dispatch.js';
import {
  compileAccruals,
  compileAdoption,
  compileBudgets,
  compileFeedRoutes,
  compileProjectSystems,
  compileLanes,
  compileLegs,
  compilePayroll,
  compileRoutes,
  compileSummaries,
} from './compile/feeds.js';
import type { CompiledPolicy, ConnectionDeclaration, PolicyProblem } from './compiled-policy.js';
import { crossCheck } from './checks/cross-checks.js';
import { checkOverlays } from './checks/overlay-checks.js';
import { BundleFile } from './reading/bundle-file.js';
import { BAD } from './reading/decoders.js';
import { nearest } from './reading/nearest.js';

export type CompileResult =
  { readonly ok: true; readonly policy: CompiledPolicy } | { readonly ok: false; readonly problems: PolicyProblem[] };

const NAMES = Object.keys(BUNDLE_FILES) as BundleFileName[];

/**
 * Turns the files of a bundle ("validation.yaml" -> its text) into pure functions, or says everything that is wrong with them:
 * first the shape of all files, then, when every shape is right, names that point at nothing.
 */
export const compilePolicy = (texts: Readonly<Record<string, string>>): CompileResult => {
  const problems: PolicyProblem[] = unknownFiles(texts);
  const files = {} as Record<BundleFileName, BundleFile>;
  const decoded: Partial<Record<BundleFileName, unknown>> = {};
  for (const name of NAMES) {
    const text = Object.hasOwn(texts, name) ? texts[name] : OPTIONAL_FILES.has(name) ? '{}' : undefined;
    if (text === undefined) {
      problems.push({
        file: name,
        line: 1,
        column: 1,
        message: 'the file is missing from the bundle',
        fix: `add ${name}; libs/policy/README.md describes it`,
      });
      continue;
    }
    const file = (files[name] = new BundleFile(name, text));
    if (file.problems.length === 0) {
      const value: unknown = BUNDLE_FILES[name](file.root, [], file);
      if (value !== BAD) decoded[name] = value;
    }
    problems.push(...inOrder(file.problems));
  }
  const overlays = readOverlays(texts);
  problems.push(...overlays.files.flatMap((file) => inOrder(file.problems)));
  if (problems.length > 0) return { ok: false, problems };
  const bundle = { ...decoded, overlays: overlays.decoded } as Bundle;
  crossCheck(bundle, files);
  checkOverlays(bundle, overlays.files);
  const crossed = [...NAMES.map((name) => files[name]), ...overlays.files].flatMap((file) => inOrder(file.problems));
  return crossed.length > 0 ? { ok: false, problems: crossed } : { ok: true, policy: compile(bundle) };
};

const readOverlays = (texts: Readonly<Record<string, string>>): { files: BundleFile[]; decoded: Bundle['overlays'] } => {
  const files: BundleFile[] = [];
  const decoded = { legalEntities: {} as Record<string, Overlay>, regions: {} as Record<string, Overlay> };
  for (const name of Object.keys(texts).sort()) {
    const overlay = overlayOf(name);
    if (overlay === undefined) continue;
    const file = new BundleFile(name, texts[name]!);
    files.push(file);
    const value = file.problems.length === 0 ? overlayFile(file.root, [], file) : BAD;
    if (value !== BAD) decoded[overlay.of][overlay.name] = value;
  }
  return { files, decoded };
};

const inOrder = (problems: readonly PolicyProblem[]): PolicyProblem[] =>
  [...problems].sort((a, b) => a.line - b.line || a.column - b.column);

const unknownFiles = (texts: Readonly<Record<string, string>>): PolicyProblem[] =>
  Object.keys(texts)
    .filter((name) => !(NAMES as string[]).includes(name) && overlayOf(name) === undefined)
    .map((name) => {
      const near = nearest(name, NAMES);
      return {
        file: name,
        line: 1,
        column: 1,
        message: 'a bundle has no file of this name',
        fix: near
          ? `did you mean ${near}?`
          : `remove it; a bundle consists of ${NAMES.join(', ')}, legal-entities/<code>.yaml and regions/<name>.yaml`,
      };
    });

const compile = (bundle: Bundle): CompiledPolicy => {
  const mappings = new Map(
    Object.entries(bundle['mappings.yaml'].mappings).map(([id, mapping]) => [id, compileMapping(mapping)]),
  );
  const connections: ConnectionDeclaration[] = Object.entries(bundle['connections.yaml'].connections).map(
    ([id, declaration]) => ({ id, ...declaration }),
  );
  const ownership = bundle['ownership.yaml'];
  const calendars = bundle['calendars.yaml'];
  const { correctRatesAfterwards, ...rates } = bundle['accounts.yaml'].rates;
  const waivable: ReadonlySet<ReasonCode> = new Set(bundle['validation.yaml'].waivable);
  const systemOfRecord = compileSystemsOfRecord(bundle['systems-of-record.yaml']);
  const feedRoutes = compileFeedRoutes(bundle['routing.yaml']);
  const shadows: ReadonlySet<string> = new Set(bundle['routing.yaml'].shadows);
  const partDigests = digestsOfParts(bundle);
  return {
    digest: digestOf(bundle),
    connections,
    systemOfRecord,
    mapTime: (connection, fields) =>
      mappings.get(connection)?.(fields) ?? {
        ok: false,
        where: 'mappings.yaml',
        why: `no mapping for the connection "${connection}"`,
      },
    validationFor: compileValidation(bundle),
    calendarFor: compileCalendarRules(bundle),
    rates,
    correctRatesAfterwards,
    waivable: (reason) => waivable.has(reason),
    account: compileAccounts(bundle['accounts.yaml']),
    routes: compileRoutes(bundle['routing.yaml']),
    feedRoutes,
    projectSystems: compileProjectSystems(bundle['routing.yaml']),
    isShadow: (connection) => shadows.has(connection),
    afterMove: bundle['routing.yaml'].afterMove,
    budget: compileBudgets(bundle['connections.yaml']),
    mayDispatch: compileDispatch(calendars),
    ...compileLanes(bundle['priorities.yaml']),
    summarise: compileSummaries(bundle['accounts.yaml']),
    legs: compileLegs(bundle['accounts.yaml'], bundle['validation.yaml']),
    accruals: compileAccruals(bundle['accounts.yaml']),
    payroll: compilePayroll(bundle),
    adoption: compileAdoption(bundle['connections.yaml']),
    owner: (reason: ReasonCode, legalEntityId) => ({ team: ownerOf(ownership, reason, legalEntityId) }),
    severity: compileSeverity(bundle['priorities.yaml']),
    dueAt: compileDueAt(bundle['slas.yaml']),
    approvals: compileApprovals(bundle['approvals.yaml']),
    partDigests,
    changedParts: (other) => changedParts(partDigests, other.partDigests),
    secondPerson: compileSecondPerson(bundle['approvals.yaml']),
    ...compileChangeCalendar(calendars),
    retention: bundle['retention.yaml'],
    ownershipMatrix: compileOwnershipMatrix(bundle, { systemOfRecord, feedRoutes }),
  };
};
