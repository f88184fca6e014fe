import { describeConformance } from '@tieout/connector-kit/conformance';
// eslint-disable-next-line @nx/enforce-module-boundaries -- the test server is the warehouse here
import { testDatabase } from '@tieout/testing';
import pg from 'pg';
import { warehousePostgres } from '../src/index.js';
import { TcpProxy } from './tcp-proxy.js';

describeConformance({
  connector: warehousePostgres,
  start: async () => {
    const database = await testDatabase();
    const proxy = await TcpProxy.before(database.url);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const values = { url: proxy.url, schema: 'dw' };
    const stranger = new URL(proxy.url);
    stranger.username = 'nobody_of_that_name';
    const secrets = new Set(['url']);
    return {
      settings: { values, secrets },
      wrongCredentials: { values: { ...values, url: stranger.href }, secrets },
      pastFetch: true,
      takeAway: async () => {
        await proxy.close();
        return () => proxy.open();
      },
      loseAnswers: () => {
        proxy.cutAfter = 'commit';
        return Promise.resolve(() => {
          proxy.cutAfter = undefined;
          return Promise.resolve();
        });
      },
      posting: {
        legalEntityId: 'DE01',
        currency: 'EUR',
        openPeriod: '2026-11',
        openDate: '2026-11-20',
        workerCode: 'E1001',
        projectCode: 'P-100',
        taskCode: 'T1',
        costCentre: 'CC-7',
        account: '',
        balancingAccount: '',
        singleLinesOnly: true,
        countDocuments: async (key) => {
          const { rows } = await client.query<{ n: number }>('select count(*)::int as n from dw.load where load_key = $1', [key]);
          return rows[0]!.n;
        },
      },
      stop: async () => {
        await client.end();
        await proxy.close();
        await database.drop();
      },
    };
  },
});
