import { amounts, facts, paragraphs, section, table } from '../answer.js';

export interface Needed {
  readonly part: string;
  readonly role: string;
}

export interface PlannedChange {
  readonly change: string;
  readonly entries: number;
  readonly hours: string;
  readonly amounts: Readonly<Record<string, string>>;
}

interface PlanSummary {
  readonly state: string;
  readonly days: number;
  readonly finishedAt: string | null;
  readonly entries: number | null;
  readonly unchanged: number | null;
  readonly activeDigest: string | null;
  readonly changes: readonly PlannedChange[];
}

export interface Bundle {
  readonly bundleId: string;
  readonly digest: string | null;
  readonly state: string;
  readonly author: string;
  readonly createdAt: string;
  readonly promotedFrom: string | null;
  readonly proposal: {
    readonly by: string;
    readonly at: string;
    readonly why: string;
    readonly expiresAt: string;
    readonly effectiveFrom: string | null;
    readonly parts: readonly string[];
    readonly emergency: { readonly reason: string; readonly declaredBy: string } | null;
  } | null;
  readonly approvals: readonly { readonly actor: string; readonly role: string; readonly at: string }[];
  readonly closing: { readonly at: string; readonly by: string; readonly why: string } | null;
  readonly needed: readonly Needed[];
  readonly missing: readonly Needed[];
  readonly overtaken: boolean;
  /** Only where one bundle is looked at. */
  readonly plan?: PlanSummary | null;
  readonly files?: readonly { readonly name: string }[];
  readonly problems?: readonly {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly message: string;
  }[];
}

export interface Activation {
  readonly revision: number;
  readonly bundleId: string;
  readonly digest: string;
  readonly cause: string;
  readonly activatedAt: string;
  readonly activatedBy: string;
  readonly reason: string | null;
  readonly parts: readonly string[];
  readonly emergency: { readonly reason: string; readonly declaredBy: string } | null;
  readonly reviewDueAt: string | null;
  readonly review: { readonly by: string; readonly at: string; readonly note: string } | null;
}

/** "finance (calendars, accounts), platform (connections)" */
export const partsText = (needed: readonly Needed[]): string => {
  const byRole = new Map<string, string[]>();
  for (const { part, role } of needed) byRole.set(role, [...(byRole.get(role) ?? []), part]);
  return [...byRole].map(([role, parts]) => `${role} (${parts.join(', ')})`).join(', ');
};

export const changesText = (changes: readonly PlannedChange[]): string =>
  table(
    ['change', 'entries', 'hours', 'amounts'],
    changes.map((one) => [one.change, one.entries, one.hours, amounts(one.amounts)]),
    'nothing changes',
  );

const planText = ({ state, days, finishedAt, entries, unchanged, activeDigest, changes }: PlanSummary): string =>
  state === 'done'
    ? paragraphs(
        `${entries ?? 0} entries of ${days} days, ${unchanged ?? 0} unchanged; against ${activeDigest?.slice(0, 12) ?? ''}, at ${finishedAt ?? ''}`,
        changesText(changes),
      )
    : state;

export const bundleText = (bundle: Bundle): string => {
  const { proposal, approvals, closing, problems = [] } = bundle;
  return paragraphs(
    facts([
      ['bundle', bundle.bundleId],
      ['state', bundle.overtaken ? `${bundle.state}; another policy came into force since it was proposed` : bundle.state],
      ['digest', bundle.digest ?? 'does not compile'],
      ['author', bundle.author],
      ['created', bundle.createdAt],
      ['promoted from', bundle.promotedFrom],
      ['files', bundle.files?.map(({ name }) => name).join(' ')],
      ['why', proposal?.why],
      ['proposed', proposal && `${proposal.at} by ${proposal.by}`],
      ['effective from', proposal && (proposal.effectiveFrom ?? 'when somebody activates it')],
      ['expires', proposal?.expiresAt],
      ['changes', proposal?.parts.join(' ')],
      ['emergency', proposal?.emergency && `${proposal.emergency.reason} (${proposal.emergency.declaredBy})`],
      ['still needs', partsText(bundle.missing)],
      ['closed', closing && `${closing.at} by ${closing.by}: ${closing.why}`],
    ]),
    approvals.length === 0
      ? undefined
      : section(
          'Approved by',
          table(
            ['who', 'as', 'at'],
            approvals.map(({ actor, role, at }) => [actor, role, at]),
          ),
        ),
    bundle.plan === undefined
      ? undefined
      : section('Plan', bundle.plan === null ? 'none: npx tieout policy plan' : planText(bundle.plan)),
    problems.length === 0
      ? undefined
      : section(
          'Wrong with it',
          problems.map(({ file, line, column, message }) => `${file}:${line}:${column}  ${message}`).join('\n'),
        ),
  );
};

export const activationText = ({ revision, bundleId, digest, activatedAt, emergency, reviewDueAt }: Activation): string =>
  facts([
    ['active since', activatedAt],
    ['revision', revision],
    ['bundle', bundleId],
    ['digest', digest],
    ['review due', emergency === null ? undefined : reviewDueAt],
  ]);
