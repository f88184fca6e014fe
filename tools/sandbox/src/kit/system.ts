import { timingSafeEqual } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { DEFAULT_PANEL, SANDBOX_FAULTS, type FaultRule, type Panel, type PanelSettings } from './panel.js';

export interface SystemOptions {
  /** 0: a free one. */
  readonly port?: number;
  readonly host?: string;
  readonly key?: string;
  /** A second key that may only read. */
  readonly readKey?: string;
  readonly panelToken?: string;
  /** JSON-lines file that keeps the state over restarts; absent: memory only. */
  readonly dataFile?: string;
  readonly panel?: Partial<PanelSettings>;
}

export interface RunningSystem {
  readonly url: string;
  readonly key: string;
  readonly panelToken: string;
  readonly panel: Panel;
  stop(): Promise<void>;
}

/** A vendor's refusal, in the vendor's own shape. */
export class VendorError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly more: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

const same = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

interface SystemParts {
  readonly name: string;
  readonly panel: Panel;
  readonly options: SystemOptions;
  readonly defaultKey: string;
  /** How this vendor takes its key. */
  readonly keyOf: (request: FastifyRequest) => string | undefined;
  readonly routes: (app: FastifyInstance) => void;
  readonly panelActions?: (body: Record<string, unknown>) => void;
  readonly close?: () => Promise<void> | void;
}

const isRead = (request: FastifyRequest): 'reads' | 'writes' =>
  request.method === 'GET' || request.method === 'HEAD' ? 'reads' : 'writes';

/** Cuts the connection without an answer. */
export const dropConnection = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  reply.hijack();
  request.raw.socket.destroy();
  return reply;
};

const faultBefore = async (panel: Panel, request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
  const on = isRead(request);
  if (panel.take('unauthorised', on)) throw new VendorError(401, 'UNAUTHORISED', 'the key was not accepted');
  if (panel.take('unavailable', on)) throw new VendorError(503, 'UNAVAILABLE', 'back soon');
  const slow = panel.take('slow', on);
  if (slow || panel.settings.latencyMs > 0) await delay((slow?.ms ?? 0) + panel.settings.latencyMs);
  if (panel.take('server-error', on)) throw new VendorError(500, 'INTERNAL', 'something went wrong');
  if (panel.take('ok-with-error-body', on))
    return reply.status(200).send({ error: { code: 'INTERNAL', message: 'something went wrong' } });
  if (panel.take('drop-connection', on)) return dropConnection(request, reply);
  return undefined;
};

const panelRoutes = (app: FastifyInstance, parts: SystemParts, token: string): void => {
  const { panel } = parts;
  const guard = (request: FastifyRequest): void => {
    if (!same(String(request.headers['x-panel-token'] ?? ''), token))
      throw new VendorError(403, 'PANEL_TOKEN', 'wrong panel token');
  };
  app.get('/_panel', (request) => {
    guard(request);
    return panel.snapshot();
  });
  app.post<{ Body: { clear?: boolean; faults?: FaultRule[]; settings?: Partial<PanelSettings> } & Record<string, unknown> }>(
    '/_panel',
    (request) => {
      guard(request);
      const { clear, faults = [], settings = {} } = request.body;
      const unknown = [
        ...faults.map((rule) => rule.kind).filter((kind) => !SANDBOX_FAULTS.includes(kind)),
        ...Object.keys(settings).filter((name) => !(name in DEFAULT_PANEL)),
      ];
      if (unknown.length > 0)
        throw new VendorError(400, 'UNKNOWN_SWITCH', `unknown: ${unknown.join(', ')}; faults are ${SANDBOX_FAULTS.join(', ')}`);
      if (clear) panel.clear();
      panel.arm(...faults);
      Object.assign(panel.settings, settings);
      parts.panelActions?.(request.body);
      return panel.snapshot();
    },
  );
};

/** What the three systems share: key check, limits, latency, faults, panel, errors in the vendor's shape. */
export const startSystem = async (parts: SystemParts): Promise<RunningSystem> => {
  const { panel, options } = parts;
  const key = options.key ?? parts.defaultKey;
  const panelToken = options.panelToken ?? 'panel';
  const host = options.host ?? '127.0.0.1';
  const app = Fastify({ bodyLimit: 64 * 1024 * 1024, forceCloseConnections: true, routerOptions: { maxParamLength: 200 } });
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof VendorError)
      return reply.status(error.status).send({ error: { code: error.code, message: error.message, ...error.more } });
    const status =
      typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number'
        ? error.statusCode
        : 500;
    return reply.status(status).send({ error: { code: status < 500 ? 'BAD_REQUEST' : 'INTERNAL', message: String(error) } });
  });
  app.get('/health', () => ({ system: parts.name, ok: true }));
  panelRoutes(app, parts, panelToken);
  await app.register((guarded, _options, done) => {
    guarded.addHook('preHandler', async (request, reply) => {
      const retryAfter = panel.enter();
      if (retryAfter !== undefined) {
        reply.header('retry-after', String(retryAfter));
        throw new VendorError(429, 'TOO_MANY_REQUESTS', 'slow down');
      }
      reply.raw.once('close', () => panel.leave());
      const given = parts.keyOf(request) ?? '';
      const mayRead = options.readKey !== undefined && same(given, options.readKey) && isRead(request) === 'reads';
      if (!same(given, key) && !mayRead) throw new VendorError(401, 'UNAUTHORISED', 'the key was not accepted');
      return faultBefore(panel, request, reply);
    });
    parts.routes(guarded);
    done();
  });
  await app.listen({ port: options.port ?? 0, host });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://${host}:${port}`,
    key,
    panelToken,
    panel,
    stop: async () => {
      await app.close();
      await parts.close?.();
    },
  };
};
