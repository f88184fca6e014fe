import type { ConnectorManifest, PostingCapabilities, PostingProtocol } from '@tieout/connector-kit';

const yes = (value: boolean): string => (value ? 'yes' : '');

const postingOf = (posting: PostingCapabilities): string =>
  [
    posting.protocol,
    `${posting.maxLinesPerDocument} lines`,
    posting.partialAcceptance ? 'partial' : 'all or nothing',
    ...(posting.answersLater ? ['answers later'] : []),
  ].join(', ');

/** What a missing answer can still do, by protocol. */
const LEFT_OPEN: Readonly<Record<PostingProtocol, string>> = {
  'idempotency-key': 'nothing, as long as the destination honours the key; where it does not, the look-up shows both',
  upsert: 'nothing',
  'draft-then-post': 'a draft that nobody posts; it books nothing and is discarded',
  'look-up':
    'a request that commits later than time-out + settle + read lag, after the look-up found nothing, stands twice: reconciliation finds it and it is reversed',
  none: 'every missing answer: a person looks, with what to look for',
};

/** The capability table of docs/capabilities.md, from the manifests. */
export const renderCapabilities = (manifests: readonly ConnectorManifest[]): string => {
  const rows = manifests.map(({ system, title, time, masterData, posting, projects, limits }) =>
    [
      `\`${system}\``,
      title,
      time ? `${time.cursor}; deletions: ${time.deletions}` : '',
      yes(time?.webhooks === true),
      masterData?.kinds.join(', ') ?? '',
      posting ? postingOf(posting) : '',
      posting ? `${posting.requestTimeoutMs} / ${posting.settleMs} / ${posting.readLagMs} ms` : '',
      projects ? `made; one per code: ${projects.unique === 'code' ? 'the system sees to it' : 'only looked up first'}` : '',
      limits,
    ].join(' | '),
  );
  return [
    '# What each connector can do',
    '',
    'Generated from the manifests by `npm run generate -w @tieout/connectors`. Empty means: not supported.',
    '',
    '| system | title | time: cursor | webhooks | master data | posting | time-out / settle / read lag | projects | limits |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
    '',
    '## What a missing answer leaves open',
    '',
    '| protocol | left open |',
    '| --- | --- |',
    ...Object.entries(LEFT_OPEN).map(([protocol, left]) => `| ${protocol} | ${left} |`),
    '',
  ].join('\n');
};
