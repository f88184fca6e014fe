import { timingSafeEqual } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { SANDBOX_FAULTS, type FaultRule } from './faults.js';
import type { Panel } from './panel.js';
import { settingsProblems, type PanelSettings } from './settings.js';

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

/** Codes by which this vendor says "too many requests" where the status says something else. */
const THROTTLE_CODES: Readonly<Record<PanelSettings['throttleStatus'], readonly [code: string, message: string]>> = {
  429: ['TOO_MANY_REQUESTS', 'slow down'],
  400: ['REQUEST_LIMIT_EXCEEDED', 'the request could not be processed'],
  401: ['INVALID_LOGIN', 'invalid login'],
  503: ['OVERLOADED', 'the service is not available'],
};

const throttled = ({ settings }: Panel, waitSeconds: number, reply: FastifyReply): VendorError => {
  if (settings.retryAfter === 'seconds') reply.header('retry-after', String(waitSeconds));
  // The date has whole seconds: rounded up, or it would lie in the past at once.
  if (settings.retryAfter === 'date')
    reply.header('retry-after', new Date(Math.ceil(Date.now() / 1000 + waitSeconds) * 1000).toUTCString());
  return new VendorError(settings.throttleStatus, ...THROTTLE_CODES[settings.throttleStatus]);
};

/** Answers a request whose work is done, unless the panel wants the answer lost or false. */
export const answerDone = async (
  panel: Panel,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: { readonly status: number; readonly body: unknown },
): Promise<unknown> => {
  if (panel.take('commit-then-drop')) return dropConnection(request, reply);
  if (panel.take('commit-then-500')) throw new VendorError(500, 'INTERNAL', 'something went wrong');
  if (panel.take('commit-then-401')) throw new VendorError(401, 'SESSION_EXPIRED', 'the session has ended');
  const slow = panel.take('commit-then-slow');
  if (slow) await delay(slow.ms ?? 0);
  return reply.status(answer.status).send(answer.body);
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
      const problems = [
        ...faults
          .filter(({ kind }) => !SANDBOX_FAULTS.includes(kind))
          .map(({ kind }) => `unknown fault ${kind}; faults are ${SANDBOX_FAULTS.join(', ')}`),
        ...settingsProblems(settings),
      ];
      if (problems.length > 0) throw new VendorError(400, 'UNKNOWN_SWITCH', problems.join('; '));
      if (clear) panel.clear();
      panel.arm(...faults);
      Object.assign(panel.settings, settings);
      parts.panelActions?.(request.body);
      return panel.snapshot();
    },
  );
};

const limitRequests = (app: FastifyInstance, panel: Panel): void => {
  const inside = new WeakSet<FastifyReply>();
  const leave = (reply: FastifyReply): void => {
    if (inside.delete(reply)) panel.limits.leave();
  };
  app.addHook('preHandler', async (request, reply) => {
    if (panel.take('throttled', isRead(request))) throw throttled(panel, 1, reply);
    const waitSeconds = panel.limits.enter(panel.settings);
    if (waitSeconds !== undefined) throw throttled(panel, waitSeconds, reply);
    inside.add(reply);
    // For connections that end without an answer.
    reply.raw.once('close', () => leave(reply));
  });
  // Before the answer leaves: a caller who sends the next request at once must find the slot free.
  app.addHook('onSend', async (_request, reply) => leave(reply));
};

/** What the systems share: key check, limits, latency, faults, panel, errors in the vendor's shape. */
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
    limitRequests(guarded, panel);
    guarded.addHook('preHandler', async (request, reply) => {
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
