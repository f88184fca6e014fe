interface ServiceProgress {
  readonly idle: boolean;
  readonly counts: Readonly<Record<string, number>>;
}

interface SyncReport {
  readonly connections: readonly { readonly kinds: readonly { readonly syncedSinceStart: boolean }[] }[];
  readonly unpublishedEvents: number;
}

export interface StackProgress {
  readonly idle: boolean;
  readonly master: ServiceProgress;
  readonly time: ServiceProgress;
  readonly posting: ServiceProgress;
}

type Call = <T>(service: 'master-data-sync' | 'time-ingestion' | 'erp-posting', method: 'GET', path: string) => Promise<T>;

export const readProgress = async (call: Call): Promise<StackProgress> => {
  const [sync, time, posting] = await Promise.all([
    call<SyncReport>('master-data-sync', 'GET', '/sync'),
    call<ServiceProgress>('time-ingestion', 'GET', '/progress'),
    call<ServiceProgress>('erp-posting', 'GET', '/progress'),
  ]);
  const kinds = sync.connections.flatMap((connection) => connection.kinds);
  const read = kinds.filter(({ syncedSinceStart }) => syncedSinceStart).length;
  const master = { idle: read === kinds.length && sync.unpublishedEvents === 0, counts: { read, kinds: kinds.length } };
  return { idle: master.idle && time.idle && posting.idle, master, time, posting };
};

export const progressLine = ({ master, time, posting }: StackProgress): string => {
  const part = (counts: Readonly<Record<string, number>>, names: readonly string[]) =>
    names.map((name) => `${counts[name] ?? 0} ${name}`).join(', ');
  return [
    `master data: ${master.counts['read']} of ${master.counts['kinds']} kinds`,
    `time: ${part(time.counts, ['approved', 'released', 'held', 'toAssess'])}`,
    `postings: ${part(posting.counts, ['pending', 'sending', 'posted', 'confirmed', 'unknown', 'rejected'])}`,
  ].join(' | ');
};
