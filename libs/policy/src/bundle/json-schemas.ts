import type { JsonSchema } from '../reading/decoders.js';
import { overlayFile } from './overlay-schema.js';
import { BUNDLE_FILES } from './schemas.js';

const WHAT: Readonly<Record<string, string>> = {
  connections: 'Every account at an external system',
  'systems-of-record': 'Which system is believed, for what',
  mappings: 'How the words of each time system become ours',
  validation: 'What approved time must satisfy before it moves on',
  calendars: 'Late time, when nothing is sent, and when nothing is changed',
  accounts: 'What an hour becomes in the ledger',
  routing: 'Where the time of each legal entity goes',
  priorities: 'Which case comes first, and which hour',
  slas: 'By when a case must be solved',
  ownership: 'Which team a case goes to',
  approvals: 'Who agrees to what',
  federation: 'Which keys legal entities and regions may answer for themselves',
  retention: 'How long what is kept',
  overlay: 'What one legal entity or region answers for itself',
};

/** A JSON Schema per file of a bundle, "validation.schema.json", and one for overlays: for editors. The compiler says more. */
export const bundleSchemas = (): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(
    Object.entries({ ...BUNDLE_FILES, 'overlay.yaml': overlayFile }).map(([file, { schema }]) => {
      const part = file.replace('.yaml', '');
      return [
        `${part}.schema.json`,
        { $schema: 'http://json-schema.org/draft-07/schema#', title: file, description: WHAT[part], ...schema },
      ];
    }),
  );
