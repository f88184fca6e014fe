import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { systemClock } from '@tieout/clock';
import { EVENT_TYPES, type TimeEntryReleasedV1 } from '@tieout/contracts';
import { JetStreamStrategy, NatsLink, OnEvents, type ReceivedEvent } from '@tieout/messaging';
import { Database, recordReceipts } from '@tieout/persistence';
import { readProcessSettings } from './config.js';
import { answerCalls } from './processes/commands.js';

const { natsUrl, databaseUrl } = readProcessSettings();
const database = new Database({ url: databaseUrl });
let committed = 0;
let awaited: { readonly count: number; readonly resolve: () => void } | undefined;

const landed = (count: number): void => {
  committed += count;
  if (awaited && committed >= awaited.count) awaited.resolve();
};

/** As a feed takes releases: receipts, then a row for each new event, in one transaction. */
@Controller()
class ReleasesConsumer {
  @OnEvents(EVENT_TYPES.entryReleased)
  async released(events: ReceivedEvent<TimeEntryReleasedV1>[]): Promise<void> {
    const rows = await database.transaction(async (tx) => {
      const fresh = await recordReceipts(tx, events);
      const bodies = events.filter(({ eventId }) => fresh.has(eventId)).map(({ body }) => body);
      await tx.query(
        `insert into landed (entry_id, release_no, legal_entity_id, work_date, hours, content)
         select "entryId", "releaseNo", "legalEntityId", (content ->> 'workDate')::date, (content ->> 'hours')::numeric, content
         from jsonb_to_recordset($1::jsonb) as r("entryId" uuid, "releaseNo" int, "legalEntityId" text, content jsonb)`,
        [JSON.stringify(bodies)],
      );
      return bodies.length;
    });
    landed(rows);
  }
}

@Module({ controllers: [ReleasesConsumer] })
class ConsumerModule {}

const link = new NatsLink({ servers: natsUrl, name: 'bench consumer' });
await link.connect();
const strategy = new JetStreamStrategy({ link, service: 'bench', clock: systemClock });
const app = await NestFactory.createMicroservice(ConsumerModule, { strategy, logger: ['error', 'warn'] });
await app.listen();

answerCalls({
  reset: async () => {
    committed = 0;
    await database.query('truncate landed, receipt');
  },
  /** Resolves when so many rows are committed since the reset. */
  until: (count) =>
    new Promise((resolve) => {
      awaited = { count, resolve };
      landed(0);
    }),
});
