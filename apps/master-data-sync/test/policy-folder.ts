import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const connections = `connections:
  hr: { system: fake-hr, roles: [master-data], pollEverySeconds: 3600, massDeletionLimit: { share: 0.5, count: 1 } }
  finance: { system: fake-finance, roles: [master-data], pollEverySeconds: 3600, massDeletionLimit: { share: 0.5, count: 1 } }
`;

/** The demo bundle with two connections of ours: hr owns workers but for their cost centre, which is finance's. */
export const policyFolder = (costCentreOwner: 'hr' | 'finance' = 'finance'): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tieout-policy-'));
  cpSync(join(import.meta.dirname, '../../../deploy/governance/demo'), folder, { recursive: true });
  writeFileSync(join(folder, 'connections.yaml'), connections);
  writeFileSync(
    join(folder, 'systems-of-record.yaml'),
    `systemsOfRecord:\n  worker: { default: hr, attributes: { costCentre: ${costCentreOwner} } }\n  cost-rate: finance\n`,
  );
  writeFileSync(join(folder, 'mappings.yaml'), 'mappings: {}\n');
  writeFileSync(join(folder, 'routing.yaml'), 'routes: { default: [] }\n');
  return folder;
};
