import { facts, paragraphs, section, table } from '../answer.js';
import type { Lineage } from './types.js';

const short = (id: string | null | undefined): string => (id ?? '').slice(0, 12);
const word = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** From the source to the books, in the order in which it happened. */
export const lineageText = (lineage: Lineage): string => {
  const { missing, overrides } = lineage;
  return paragraphs(
    entryText(lineage),
    section('1. Source records, as they were sent', sourceText(lineage)),
    section('2. Versions', versionText(lineage)),
    section('3. Decisions', decisionText(lineage)),
    overrides.length === 0
      ? undefined
      : section(
          'Overrides',
          table(
            ['override', 'lets pass', 'state', 'until', 'requested by'],
            overrides.map((one) => [one.overrideId, one.reasons.join(' '), one.state, one.validUntil, one.requestedBy]),
          ),
        ),
    section('4. Postings and documents', feedText(lineage)),
    section('5. Reconciliation', reconciliationText(lineage)),
    section(
      '6. Cases',
      table(
        ['case', 'reason', 'state', 'severity', 'owner', 'due', 'detail'],
        lineage.cases.map((one) => [one.caseId, one.reason, one.state, one.severity, one.owner, one.dueAt, one.detail]),
      ),
    ),
    missing.length === 0 ? undefined : section('Not the whole way: these could not be asked', missing.join('\n')),
  );
};

const entryText = ({ entryId, traceId, time: { entry } }: Lineage): string =>
  facts([
    ['entry', entryId],
    ['source', `${entry.connection}:${entry.source_id}`],
    ['legal entity', entry.legal_entity_id],
    ['work', `${word(entry.content['workDate'])}  ${word(entry.content['hours'])} h  ${word(entry.content['projectCode'])}`],
    ['verdict', `${entry.verdict}${entry.deleted ? ' (deleted at the source)' : ''}`],
    ['trace', traceId ?? 'none'],
  ]);

const sourceText = ({ sourceRecords }: Lineage): string =>
  table(
    ['received', 'revision', 'changed there', 'as sent'],
    sourceRecords.map((one) => [one.receivedAt, one.sourceRevision, one.sourceUpdatedAt, JSON.stringify(one.payload)]),
    'none kept',
  );

const versionText = ({ time }: Lineage): string =>
  table(
    ['no', 'received', 'hours', 'project', 'task', 'approved by', 'at'],
    time.versions.map(({ version_no, received_at, content, approval, deleted }) => [
      version_no,
      received_at,
      deleted ? 'deleted' : word(content['hours']),
      word(content['projectCode']),
      word(content['taskCode']),
      approval?.by,
      approval?.at,
    ]),
  );

const decisionText = ({ time }: Lineage): string =>
  table(
    ['no', 'at', 'verdict', 'version', 'release', 'policy', 'override', 'why'],
    time.decisions.map(({ decision_no, decided_at, kind, version_no, release_no, policy_digest, body }) => [
      decision_no,
      decided_at,
      kind,
      version_no,
      release_no,
      short(policy_digest),
      overridesOf(body),
      reasonsOf(body),
    ]),
  );

const reasonsOf = (body: Readonly<Record<string, unknown>>): string => {
  const refusals = body['refusals'];
  if (!Array.isArray(refusals)) return word(body['reason']);
  return refusals.map((one) => word((one as Record<string, unknown>)['reason'])).join(' ');
};

const overridesOf = (body: Readonly<Record<string, unknown>>): string =>
  word((body['override'] as { overrideId?: unknown } | undefined)?.overrideId);

const feedText = ({ feeds }: Lineage): string =>
  Object.values(feeds).every(({ postings }) => postings.length === 0)
    ? 'nothing is owed to any destination'
    : paragraphs(
        ...Object.entries(feeds).map(([feed, { postings, documents }]) =>
          postings.length === 0
            ? undefined
            : paragraphs(
                table(
                  [feed, 'release', 'leg', 'kind', 'hours', 'amount', 'state', 'period', 'document', 'number there', ''],
                  postings.map((one) => [
                    one.destination,
                    one.releaseNo,
                    one.leg,
                    one.kind,
                    one.hours,
                    `${one.amount} ${one.currency}`,
                    one.blocked === undefined ? one.state : `blocked: ${one.blocked.reason}`,
                    one.postingPeriod,
                    one.documentKey,
                    one.externalId,
                    one.blocked?.detail ?? one.message,
                  ]),
                ),
                attemptText(documents),
              ),
        ),
      );

const attemptText = (documents: Lineage['feeds'][string]['documents']): string | undefined =>
  documents.length === 0
    ? undefined
    : table(
        ['document', 'state', 'attempt', 'outcome', 'at', ''],
        documents.flatMap(({ documentKey, state, attempts }) =>
          attempts.map(({ step, outcome, at, detail }, no) => [
            no === 0 ? documentKey : '',
            no === 0 ? state : '',
            step,
            outcome,
            at,
            detail,
          ]),
        ),
      );

const reconciliationText = ({ reconciliation }: Lineage): string => {
  if (reconciliation === null) return 'not known';
  const { status, differences, lastRun } = reconciliation;
  const standing = differences.filter(({ resolvedAt }) => resolvedAt === null);
  const open = standing.filter(({ acceptedBy }) => !acceptedBy);
  return paragraphs(
    facts([
      ['known as', status?.state ?? 'not yet'],
      ['owed to', status?.routes.join(', ')],
      ['differences', open.length === 0 ? 'none' : `${open.length} open`],
      ...standing
        .filter(({ acceptedBy }) => acceptedBy)
        .map((one) => ['accepted', `${one.reason} by ${one.acceptedBy}: ${one.acceptedReason}`] as const),
      [
        'last run',
        lastRun === null ? 'none covers its day' : `${lastRun.asOf} (${lastRun.tiesOut ? 'ties out' : 'does not tie out'})`,
      ],
    ]),
    differences.length === 0
      ? undefined
      : table(
          ['difference', 'destination', 'found', 'resolved', 'detail'],
          differences.map((one) => [one.reason, one.destination, one.foundAt, one.resolvedAt, one.detail]),
        ),
  );
};
