import { canonicalJson, type ReasonCode } from '@tieout/model';
import { createHash } from 'node:crypto';
import { BUNDLE_FILES, type Bundle, type BundleFileName } from './bundle/schemas.js';
import { compileMapping } from './compile/mapping.js';
import {
  compileAccounts,
  compileDueAt,
  compileSeverity,
  compileSystemsOfRecord,
  compileValidation,
  ownerOf,
} from './compile/rules.js';
import { compileDispatch } from './compile/dispatch.js';
import {
  compileAccruals,
  compileAdoption,
  compileBudgets,
  compileFeedRoutes,
  compileLanes,
  compileLegs,
  compilePayroll,
  compileRoutes,
  compileSummaries,
} from './compile/feeds.js';
import type { CompiledPolicy, ConnectionDeclaration, PolicyProblem } from './compiled-policy.js';
import { crossCheck } from './cross-checks.js';
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
    const text = Object.hasOwn(texts, name) ? texts[name] : undefined;
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
  if (problems.length > 0) return { ok: false, problems };
  const bundle = decoded as Bundle;
  crossCheck(bundle, files);
  const crossed = NAMES.flatMap((name) => inOrder(files[name].problems));
  return crossed.length > 0 ? { ok: false, problems: crossed } : { ok: true, policy: compile(bundle) };
};

const inOrder = (problems: readonly PolicyProblem[]): PolicyProblem[] =>
  [...problems].sort((a, b) => a.line - b.line || a.column - b.column);

const unknownFiles = (texts: Readonly<Record<string, string>>): PolicyProblem[] =>
  Object.keys(texts)
    .filter((name) => !(NAMES as string[]).includes(name))
    .map((name) => {
      const near = nearest(name, NAMES);
      return {
        file: name,
        line: 1,
        column: 1,
        message: 'a bundle has no file of this name',
        fix: near ? `did you mean ${near}?` : `remove it; a bundle consists of ${NAMES.join(', ')}`,
      };
    });

/** The mark keeps digests of a later format apart from these. */
const digestOf = (bundle: Bundle): string =>
  createHash('sha256')
    .update(canonicalJson({ format: 'tieout-policy/1', bundle }))
    .digest('hex');

const compile = (bundle: Bundle): CompiledPolicy => {
  const mappings = new Map(
    Object.entries(bundle['mappings.yaml'].mappings).map(([id, mapping]) => [id, compileMapping(mapping)]),
  );
  const connections: ConnectionDeclaration[] = Object.entries(bundle['connections.yaml'].connections).map(
    ([id, declaration]) => ({ id, ...declaration }),
  );
  const ownership = bundle['ownership.yaml'];
  const calendars = bundle['calendars.yaml'];
  return {
    digest: digestOf(bundle),
    connections,
    systemOfRecord: compileSystemsOfRecord(bundle['systems-of-record.yaml']),
    mapTime: (connection, fields) =>
      mappings.get(connection)?.(fields) ?? {
        ok: false,
        where: 'mappings.yaml',
        why: `no mapping for the connection "${connection}"`,
      },
    validation: compileValidation(bundle['validation.yaml']),
    calendar: {
      lateOriginals: calendars.lateOriginals,
      lateCorrections: calendars.lateCorrections,
      closingTakes: calendars.closingTakes,
    },
    rates: bundle['accounts.yaml'].rates,
    account: compileAccounts(bundle['accounts.yaml']),
    routes: compileRoutes(bundle['routing.yaml']),
    feedRoutes: compileFeedRoutes(bundle['routing.yaml']),
    afterMove: bundle['routing.yaml'].afterMove,
    budget: compileBudgets(bundle['connections.yaml']),
    mayDispatch: compileDispatch(calendars),
    ...compileLanes(bundle['priorities.yaml']),
    summarise: compileSummaries(bundle['accounts.yaml']),
    legs: compileLegs(bundle['accounts.yaml'], bundle['validation.yaml']),
    accruals: compileAccruals(bundle['accounts.yaml']),
    payroll: compilePayroll(bundle['routing.yaml'], bundle['validation.yaml']),
    adoption: compileAdoption(bundle['connections.yaml']),
    owner: (reason: ReasonCode, legalEntityId) => ({ team: ownerOf(ownership, reason, legalEntityId) }),
    severity: compileSeverity(bundle['priorities.yaml']),
    dueAt: compileDueAt(bundle['slas.yaml']),
  };
};
