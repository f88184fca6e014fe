import {
  POSTING_PROTOCOLS,
  SettingsReader,
  type ConnectionSettings,
  type PostingCapabilities,
  type PostingProtocol,
} from '@tieout/connector-kit';
import { readCommon, type SandboxConfig } from '../config.js';
import { ERP_MANIFEST } from '../manifest.js';

/** What the ERP at this connection offers, and how it is tuned. */
export interface ErpConfig extends SandboxConfig {
  readonly protocol: PostingProtocol;
  readonly partialAcceptance: boolean;
  readonly answersLater: boolean;
  readonly maxLinesPerDocument: number;
  readonly maxConcurrency: number;
  readonly maxRequestsPerSecond: number | undefined;
  readonly settleMs: number;
  readonly readLagMs: number;
}

/** The vendor's limit on GET /journals?ids=. */
export const IDS_PER_READ = 100;
const STANDARD = ERP_MANIFEST.posting!;
const DAY_MS = 86_400_000;

export const parseErpConfig = (settings: ConnectionSettings): ErpConfig => {
  const read = new SettingsReader(settings);
  const config = {
    ...readCommon(read, 600_000),
    protocol: read.choice('protocol', STANDARD.protocol, POSTING_PROTOCOLS),
    partialAcceptance: read.flag('partialAcceptance', STANDARD.partialAcceptance),
    answersLater: read.flag('answersLater', false),
    maxLinesPerDocument: read.integer('maxLinesPerDocument', STANDARD.maxLinesPerDocument, { min: 1, max: 10_000 }),
    maxConcurrency: read.integer('maxConcurrency', STANDARD.maxConcurrency, { min: 1, max: 1_000 }),
    maxRequestsPerSecond:
      settings.values['maxRequestsPerSecond'] === undefined
        ? undefined
        : read.integer('maxRequestsPerSecond', 1, { min: 1, max: 100_000 }),
    settleMs: read.integer('settleMs', STANDARD.settleMs, { min: 0, max: DAY_MS }),
    readLagMs: read.integer('readLagMs', STANDARD.readLagMs, { min: 0, max: DAY_MS }),
  };
  if (config.protocol === 'draft-then-post' && config.answersLater)
    read.problem('setting "answersLater" is "true": drafts are posted at once, expected false with this protocol');
  read.done();
  return config;
};

export const erpCapabilities = (config: ErpConfig): PostingCapabilities => ({
  protocol: config.protocol,
  maxLinesPerDocument: config.maxLinesPerDocument,
  partialAcceptance: config.partialAcceptance,
  requestTimeoutMs: config.requestTimeoutMs,
  settleMs: config.settleMs,
  readLagMs: config.readLagMs,
  maxConcurrency: config.maxConcurrency,
  maxReadBack: IDS_PER_READ,
  ...(config.maxRequestsPerSecond !== undefined && { maxRequestsPerSecond: config.maxRequestsPerSecond }),
  ...(config.answersLater && { answersLater: true }),
});
