import { MUST_RECEIVE } from '../completeness.js';
import { EVENT_HEADERS } from '../headers.js';
import { STREAMS } from '../streams.js';
import { CONTEXTS, EVENT_TYPES, eventPattern, FEED_QUESTIONS, QUESTIONS, type EventType } from '../subjects.js';
import { CONTRACTS, schemaFile, type ContractKind } from './json-schema.js';

type Json = Record<string, unknown>;

const key = (subject: string): string =>
  subject.replaceAll(/[<>]/g, '').replaceAll(/[.-](\w)/g, (_, letter: string) => letter.toUpperCase());

const message = (kind: ContractKind, type: string): Json => {
  const contract = CONTRACTS[kind][type];
  if (!contract) return { name: type, summary: 'No body is needed.' };
  return {
    name: type,
    title: contract.name,
    contentType: 'application/json',
    ...(kind === 'events' && { headers: { $ref: '#/components/schemas/eventHeaders' } }),
    payload: { schemaFormat: 'application/schema+json;version=draft-07', schema: { $ref: `./${schemaFile(kind, type)}` } },
    ...(kind === 'events' && { 'x-sample': `../samples/${type}.json` }),
  };
};

const eventChannel = (type: EventType): Json => {
  const context = type.slice(0, type.indexOf('.'));
  return {
    address: eventPattern(type).replace('>', '{scope}'),
    description:
      'JetStream subject. Delivered at least once and in no promised order: the version or number in the body decides.',
    parameters: { scope: { description: type === EVENT_TYPES.masterChanged ? 'kind and id of the object' : 'legal entity' } },
    messages: { [key(type)]: message('events', type) },
    'x-stream': STREAMS.find(({ subjects }) => (subjects as readonly string[]).includes(`evt.${context}.>`))?.name,
    'x-must-receive': MUST_RECEIVE[type],
  };
};

/** "qry.<context>.receipts.v1" is one subject per context. */
const requestChannel = (kind: ContractKind, subject: string): Json => ({
  address: subject.replace('<context>', '{context}'),
  description: 'NATS request and reply, shared by the replicas of the answering service.',
  ...(subject.includes('<context>') && { parameters: { context: { enum: [...CONTEXTS] } } }),
  messages: { [key(subject)]: message(kind, subject) },
});

const operation = (action: 'send' | 'receive', name: string): Json => ({
  action,
  channel: { $ref: `#/channels/${name}` },
  messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
  ...(action === 'receive' && {
    reply: { address: { location: '$message.header#/reply', description: 'the reply subject of the request' } },
  }),
});

const eventHeaders = (): Json => ({
  type: 'object',
  description: 'CloudEvents 1.0 in binary mode, and W3C trace context.',
  required: Object.values(EVENT_HEADERS).filter((name) => name !== EVENT_HEADERS.subject && name !== EVENT_HEADERS.traceparent),
  properties: Object.fromEntries(Object.values(EVENT_HEADERS).map((name) => [name, { type: 'string' }])),
});

/** The AsyncAPI 3 document of all messages; schemas and samples are referred to beside it. */
export const asyncApi = (): Json => {
  const events = Object.values(EVENT_TYPES);
  const commands = Object.keys(CONTRACTS.commands);
  const ofFeeds = Object.values(FEED_QUESTIONS).flatMap((questions) => Object.values(questions));
  const questions = [...new Set([...Object.values(QUESTIONS), ...ofFeeds, ...Object.keys(CONTRACTS.questions)])];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Tieout messages',
      version: '1.0.0',
      description:
        'Events over JetStream; commands and questions over NATS request and reply. The contract version is in each subject.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries([
      ...events.map((type) => [key(type), eventChannel(type)]),
      ...commands.map((subject) => [key(subject), requestChannel('commands', subject)]),
      ...questions.map((subject) => [key(subject), requestChannel('questions', subject)]),
    ]),
    operations: Object.fromEntries([
      ...events.map((type) => [`publish_${key(type)}`, operation('send', key(type))]),
      ...[...commands, ...questions].map((subject) => [`answer_${key(subject)}`, operation('receive', key(subject))]),
    ]),
    components: { schemas: { eventHeaders: eventHeaders() } },
  };
};
