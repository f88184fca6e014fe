import type { CatalogueEntry, CatalogueKind, ContractStatus, Party } from '../catalogue.js';

const TITLES: Readonly<Record<CatalogueKind, string>> = {
  event: 'Events',
  command: 'Commands',
  question: 'Questions',
  'http-api': 'HTTP APIs',
};
const USED_BY: Readonly<Record<CatalogueKind, string>> = {
  event: 'received by',
  command: 'sent by',
  question: 'asked by',
  'http-api': 'used by',
};

const statusOf = (status: ContractStatus): string => {
  if (status.state === 'current') return 'current';
  if (status.state === 'deprecated')
    return `deprecated since ${status.since}, stays until ${status.until}; use \`${status.instead}\``;
  return `retired on ${status.retiredOn}; use \`${status.instead}\``;
};

const partiesOf = ({ consumers, mayMiss }: CatalogueEntry): string =>
  consumers.map((party: Party) => (mayMiss.includes(party) ? `${party}*` : party)).join(', ');

/** docs/contracts.md, from the catalogue. */
export const renderCatalogue = (catalogue: readonly CatalogueEntry[]): string =>
  [
    '# Contracts',
    '',
    'Generated from `libs/contracts/src/catalogue-entries.ts` by `npm run generate -w @tieout/contracts`. Bodies: `libs/contracts/generated`;',
    'how a contract changes: [libs/contracts](../libs/contracts/README.md). Running, it is `GET /contracts` of governance, or `npx tieout contracts list`.',
    '',
    'A star: reads it, but keeps no receipts, so nobody makes sure that it gets every one. `all`: every service, each for itself.',
    '',
    ...(Object.keys(TITLES) as CatalogueKind[]).flatMap((kind) => [
      `## ${TITLES[kind]}`,
      '',
      `| contract | says | owner | team | ${USED_BY[kind]} | status |`,
      '| --- | --- | --- | --- | --- | --- |',
      ...catalogue
        .filter((entry) => entry.kind === kind)
        .map(
          (entry) =>
            `| \`${entry.id}\` | ${entry.says} | ${entry.owner.context} | ${entry.owner.team} | ${partiesOf(entry)} | ${statusOf(entry.status)} |`,
        ),
      '',
    ]),
  ].join('\n');
