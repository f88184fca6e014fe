import { SettingsReader, type ConnectionSettings } from '@tieout/connector-kit';

export interface SandboxConfig {
  readonly url: string;
  readonly key: string;
  readonly pageSize: number;
  readonly requestTimeoutMs: number;
}
export interface PsaConfig extends SandboxConfig {
  /** Signs webhooks; without it none are accepted. */
  readonly webhookSecret: string | undefined;
  /** How many places of the change feed every poll reads again. */
  readonly overlap: number;
}

/** Also the deadline in the posting capabilities: a slower answer is an unknown outcome. */
export const REQUEST_TIMEOUT_MS = 10_000;

export const readCommon = (read: SettingsReader, longestTimeoutMs = REQUEST_TIMEOUT_MS): SandboxConfig => ({
  url: read.url('url'),
  key: read.text('key'),
  pageSize: read.integer('pageSize', 500, { min: 1, max: 1000 }),
  requestTimeoutMs: read.integer('requestTimeoutMs', REQUEST_TIMEOUT_MS, { min: 50, max: longestTimeoutMs }),
});

export const parseSandboxConfig = (settings: ConnectionSettings): SandboxConfig => {
  const read = new SettingsReader(settings);
  const config = readCommon(read);
  read.done();
  return config;
};

export const parsePsaConfig = (settings: ConnectionSettings): PsaConfig => {
  const read = new SettingsReader(settings);
  const config = {
    ...readCommon(read),
    webhookSecret: settings.values['webhookSecret'] === undefined ? undefined : read.text('webhookSecret'),
    overlap: read.integer('overlap', 25, { min: 0, max: 10_000 }),
  };
  read.done();
  return config;
};
