export { brokenLink, genesis, linked, type AuditBody, type ChainedRecord, type Head } from './record.js';
export { committed, opens, withoutPersonal, type Commitment, type PersonalValue } from './personal.js';
export { brokenCheckpoint, checkpointHash, nextCheckpoint, type Checkpoint } from './checkpoint.js';
export { EXPORT_FORMAT, exportLines, type ExportLine } from './export.js';
export { verifyExport, type VerifyReport } from './verify.js';
