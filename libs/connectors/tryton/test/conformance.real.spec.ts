import type { MasterKind } from '@tieout/model';
import { describeConformance } from '@tieout/connector-kit/conformance';
import { tryton } from '../src/index.js';
import { bookingRequest } from './booking-request.js';

/** Where a real Tryton is, and what stands in it: `npm run e2e:real` sets it. */
interface RealTryton {
  readonly url: string;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly openPeriod: string;
  readonly openDate: string;
  readonly closedPeriod: string;
  readonly closedDate: string;
  readonly workerCode: string;
  readonly projectCode: string;
  readonly account: string;
  readonly balancingAccount: string;
  readonly codes: Partial<Record<MasterKind, readonly string[]>>;
}
const real = JSON.parse(process.env['TIEOUT_REAL_TRYTON'] ?? '{}') as RealTryton;

const send = async (method: string, params: readonly unknown[], authorization?: string): Promise<unknown> => {
  const response = await fetch(`${real.url}/${real.database}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
    body: JSON.stringify({ id: 1, method, params }),
  });
  const { result, error } = (await response.json()) as { result?: unknown; error?: unknown };
  if (error) throw new Error(JSON.stringify(error));
  return result;
};
const countMoves = async (description: string): Promise<number> => {
  const [uid, session] = (await send('common.db.login', [real.user, { password: real.password }])) as [number, string];
  const authorization = `Session ${Buffer.from(`${real.user}:${uid}:${session}`).toString('base64')}`;
  return (await send('model.account.move.search_count', [[['description', '=', description]], {}], authorization)) as number;
};

const settings = (values: Record<string, string> = {}) => ({
  values: {
    url: real.url,
    database: real.database,
    user: real.user,
    password: real.password,
    legalEntity: 'ERP',
    pageSize: '5',
    ...values,
  },
  secrets: new Set(['password']),
});

describeConformance({
  connector: tryton,
  start: async () => ({
    settings: settings(),
    // No wrong password here: after a few of them Tryton makes every login wait for longer and longer. The fake has that test.
    impatient: settings({ requestTimeoutMs: '900' }),
    masterData: { codes: real.codes },
    posting: {
      legalEntityId: 'ERP',
      currency: 'EUR',
      openPeriod: real.openPeriod,
      openDate: real.openDate,
      closedPeriod: real.closedPeriod,
      closedDate: real.closedDate,
      workerCode: real.workerCode,
      projectCode: real.projectCode,
      account: real.account,
      balancingAccount: real.balancingAccount,
      invalidLine: { account: '9999' },
      countDocuments: countMoves,
      writes: bookingRequest,
    },
    stop: async () => undefined,
  }),
});
