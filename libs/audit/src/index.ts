export {
  bodyText,
  brokenLink,
  genesis,
  headAfter,
  linked,
  sha256,
  writtenBody,
  type AuditBody,
  type AuditEntry,
  type BodyColumns,
  type ChainedRecord,
  type Head,
  type Link,
  type WrittenBody,
} from './record.js';
export { commitmentsIn, committed, opens, withoutPersonal, type PersonalValue } from './personal.js';
export { brokenCheckpoint, checkpointHash, nextCheckpoint, type Checkpoint, type Restart } from './checkpoint.js';
export { EXPORT_FORMAT, exportLines, type ExportItem, type ExportLine } from './export.js';
export { verifyExport, type VerifyOptions, type VerifyReport } from './verify.js';
