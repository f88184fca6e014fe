/** Headers of every event: CloudEvents 1.0 in binary mode, as its NATS binding says; bucket and producer are extension attributes. */
export const EVENT_HEADERS = {
  specVersion: 'ce-specversion',
  id: 'ce-id',
  type: 'ce-type',
  source: 'ce-source',
  time: 'ce-time',
  subject: 'ce-subject',
  bucket: 'ce-tieoutbucket',
  producer: 'ce-tieoutproducer',
  contentType: 'content-type',
  traceparent: 'traceparent',
  /** Only of a deprecated type: the last day (calendar date, UTC) on which it is said for certain. */
  deprecatedUntil: 'tieout-deprecated-until',
} as const;
