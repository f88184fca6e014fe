import type { ConnectorManifest, PostingCapabilities } from '@tieout/connector-kit';
import type { MasterKind } from '@tieout/model';

/** Tryton needs about 30 ms per line to create and 15 ms to post: a full document stays well below. */
export const DEFAULT_TIMEOUT_MS = 60_000;

export const TRYTON_KINDS = [
  'worker',
  'legal-entity',
  'cost-centre',
  'cost-rate',
  'project',
  'accounting-period',
] as const satisfies readonly MasterKind[];

const POSTING: PostingCapabilities = {
  protocol: 'draft-then-post',
  maxLinesPerDocument: 100,
  partialAcceptance: false,
  requestTimeoutMs: DEFAULT_TIMEOUT_MS,
  // A request whose caller has gone still runs to its commit: as long as one may take, again.
  settleMs: DEFAULT_TIMEOUT_MS,
  readLagMs: 0,
  maxConcurrency: 2,
};

/** Smaller documents need shorter deadlines, and an answer that was lost is then looked up sooner. */
export const trytonCapabilities = ({
  requestTimeoutMs,
  settleMs,
  maxLinesPerDocument,
}: Pick<PostingCapabilities, 'requestTimeoutMs' | 'settleMs' | 'maxLinesPerDocument'>): PostingCapabilities => ({
  ...POSTING,
  requestTimeoutMs,
  settleMs,
  maxLinesPerDocument,
});

export const trytonManifest: ConnectorManifest = {
  system: 'tryton',
  title: 'Tryton 6.0',
  masterData: { kinds: TRYTON_KINDS },
  posting: POSTING,
  limits:
    'No unique reference on moves: two with the same description are accepted. All or nothing per move; a bad line is named only where it can be seen before sending.',
};
