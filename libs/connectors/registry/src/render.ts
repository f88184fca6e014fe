import type { ConnectorManifest } from '@tieout/connector-kit';

const yes = (value: boolean): string => (value ? 'yes' : '');

/** The capability table of docs/capabilities.md, from the manifests. */
export const renderCapabilities = (manifests: readonly ConnectorManifest[]): string => {
  const rows = manifests.map(({ system, title, time, masterData, posting, limits }) =>
    [
      `\`${system}\``,
      title,
      time ? `${time.cursor}; deletions: ${time.deletions}` : '',
      yes(time?.webhooks === true),
      masterData?.kinds.join(', ') ?? '',
      posting
        ? `${posting.protocol}, ${posting.maxLinesPerDocument} lines, ${posting.partialAcceptance ? 'partial' : 'all or nothing'}`
        : '',
      posting ? `${posting.requestTimeoutMs} / ${posting.settleMs} / ${posting.readLagMs} ms` : '',
      limits,
    ].join(' | '),
  );
  return [
    '# What each connector can do',
    '',
    'Generated from the manifests by `npm run generate -w @tieout/connectors`. Empty means: not supported.',
    '',
    '| system | title | time: cursor | webhooks | master data | posting | time-out / settle / read lag | limits |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
    '',
  ].join('\n');
};
