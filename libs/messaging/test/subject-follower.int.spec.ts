import { randomUUID } from 'node:crypto';
import { EVENT_TYPES, eventSubject } from '@tieout/contracts';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { startNats, type RunningNats } from '@tieout/local-servers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { ensureStreams, EventPublisher, NatsLink, SubjectFollower, type Followed } from '../src/index.js';
import { until } from './harness.js';

const TYPE = EVENT_TYPES.policyActivated;
const DIGEST = 'a'.repeat(64);
let nats: RunningNats;
let link: NatsLink;
let subject: string;
let follower: SubjectFollower;
const offered: number[] = [];
const refused: string[] = [];
let answer: (revision: number) => Promise<Followed>;

const body = (revision: number) => ({
  environment: 'test',
  revision,
  bundleId: randomUUID(),
  digest: DIGEST,
  files: [{ name: 'slas.yaml', text: '' }],
  activatedAt: '2026-11-23T09:00:00.000Z',
  activatedBy: 'user:ana',
  keyId: 'k',
  signature: 's',
});
const say = async (revision: number): Promise<void> => {
  const event = { eventId: randomUUID(), emission: 1, type: TYPE, subject, producer: 'governance' as const, time: '2026-11-23T09:00:00.000Z', bucket: 1, body: body(revision) }; // prettier-ignore
  expect(await new EventPublisher(link).publish([event])).toMatchObject([{ ok: true }]);
};

beforeAll(async () => {
  nats = await startNats();
});
afterAll(() => nats.stop());
beforeEach(async () => {
  link = new NatsLink({ servers: nats.url, name: 'follower' });
  await link.connect();
  await ensureStreams(link);
  subject = eventSubject(TYPE, randomUUID().slice(0, 8));
  offered.length = refused.length = 0;
  answer = async () => 'settled';
  follower = new SubjectFollower({
    link,
    stream: 'GOVERNANCE',
    subject,
    type: TYPE,
    everyMs: 20,
    onEvent: (event) => {
      const { revision } = event.body as { revision: number };
      offered.push(revision);
      return answer(revision);
    },
    onRefused: async (why) => {
      refused.push(why);
      return 'settled';
    },
  });
});
afterEach(async () => {
  await follower.stop();
  await link.close();
});

it('has what stands there when it has started, then what comes, each once', async () => {
  await say(1);
  await say(2);
  await follower.start();
  expect(offered).toEqual([2]);
  await say(3);
  await until(() => offered.includes(3), 'the next one');
  await say(4);
  await until(() => offered.includes(4), 'the one after');
  expect(offered).toEqual([2, 3, 4]);
});

it('goes on after the stream was deleted, and lets a publisher notice that there is none', async () => {
  await say(1);
  await follower.start();
  const manager = await jetstreamManager(link.nc, { checkAPI: false });
  await manager.streams.delete('GOVERNANCE');
  await say(2);
  await until(() => offered.includes(2), 'what stands on the stream made anew');
});

it('is told by a message that is none of the type, and by the next one again', async () => {
  await follower.start();
  await jetstream(link.nc).publish(subject, 'nonsense');
  await until(() => refused.length > 0, 'the nonsense');
  expect(refused).toEqual([expect.stringContaining('header')]);
  await say(1);
  await until(() => offered.includes(1), 'the next one');
});

it('offers again what was not settled, or failed', async () => {
  await say(1);
  let failures = 0;
  answer = async () => {
    if (failures++ === 0) throw new Error('the database is away');
    return failures < 3 ? 'again' : 'settled';
  };
  await follower.start();
  expect(offered).toEqual([1]);
  await until(() => offered.length === 3, 'the same one twice more');
}, 30_000);
