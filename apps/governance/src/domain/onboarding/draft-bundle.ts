import { isMap, isScalar, isSeq, parseDocument, visit, type Document, type Scalar, type YAMLMap } from 'yaml';
import { canonicalJson } from '@tieout/model';
import type { PolicyFile } from '../bundle/unified-diff.js';
import type { ConnectionDraft, OnboardingRequest } from './onboarding.js';

export interface BundleDraft {
  readonly files: readonly PolicyFile[];
  /** What nobody but a person can say; the draft leaves it as it is. */
  readonly notes: readonly string[];
}

/** The section of routing.yaml that each role of a destination belongs to. */
const SECTIONS = { posting: 'routes', payroll: 'payroll', analytics: 'analytics', project: 'projects' } as const;
/** Agreed for one legal entity and a time: nothing that another begins with. */
const NOT_COPIED = new Set(['freezes', 'changeWindows']);

/** One bundle's files as documents that remember comments and layout. Only what was changed is written anew. */
class BundleText {
  readonly #documents = new Map<string, Document>();
  readonly #changed = new Set<string>();
  constructor(private readonly files: readonly PolicyFile[]) {}

  document(name: string): Document {
    let document = this.#documents.get(name);
    if (!document) {
      document = parseDocument(this.files.find((file) => file.name === name)?.text ?? '{}\n', { keepSourceTokens: false });
      this.#documents.set(name, document);
    }
    return document;
  }
  set(name: string, path: readonly (string | number)[], value: unknown): void {
    const document = this.document(name);
    document.setIn([...path], document.createNode(value));
    this.#changed.add(name);
  }
  touch(name: string): void {
    this.#changed.add(name);
  }
  written(): PolicyFile[] {
    const known = this.files.map((file) =>
      this.#changed.has(file.name) ? { name: file.name, text: textOf(this.#documents.get(file.name)!) } : file,
    );
    const added = [...this.#changed].filter((name) => !this.files.some((file) => file.name === name));
    return [...known, ...added.map((name) => ({ name, text: textOf(this.#documents.get(name)!) }))];
  }
}

/** People write [a, b] and { a: b }; the library pads both or none. Whoever reads the diff should see what changed, and no more. */
const textOf = (document: Document): string => {
  const padded = document.toString({ lineWidth: 0 });
  const plain = padded.replaceAll(/\[ ([^\][{}"'#]*) \]/g, '[$1]');
  return canonicalJson(parseDocument(plain).toJS()) === canonicalJson(document.toJS()) ? plain : padded;
};

/**
 * The active bundle with a legal entity more: its connections and their mappings, who owns its master data, where its time goes, and
 * whatever `like` has of its own. Nothing is sent for it before go-live: a freeze says so.
 */
export const draftBundle = (files: readonly PolicyFile[], request: OnboardingRequest, today: string): BundleDraft => {
  const text = new BundleText(files);
  const notes: string[] = [];
  for (const [id, connection] of Object.entries(request.connections)) addConnection(text, id, connection, request, notes);
  addRoutes(text, request);
  if (request.like !== undefined) copyRules(text, files, request.like, request, notes);
  addFreeze(text, request, today);
  return { files: text.written(), notes };
};

const addConnection = (
  text: BundleText,
  id: string,
  { mappingLike, ...declared }: ConnectionDraft,
  { legalEntity: { code } }: OnboardingRequest,
  notes: string[],
): void => {
  const connections = text.document('connections.yaml');
  if (connections.hasIn(['connections', id])) notes.push(`connections.yaml: "${id}" is there already and stays as it is`);
  else {
    text.set('connections.yaml', ['connections', id], declared);
    const pair = (connections.get('connections') as YAMLMap).items.at(-1)!;
    const key = connections.createNode(id) as Scalar;
    key.spaceBefore = true;
    key.commentBefore = ` Of ${code}.`;
    pair.key = key;
  }
  if (declared.roles.includes('time')) copyMapping(text, id, mappingLike ?? sameSystem(connections, id, declared.system), notes);
  if (!declared.roles.includes('master-data')) return;
  if (declared.kinds === undefined)
    notes.push(`connections.yaml: "${id}" names no kinds; say which, and who owns them for ${code} in systems-of-record.yaml`);
  for (const kind of declared.kinds ?? []) setOwner(text, kind, code, id);
};

/** Another connection to the same kind of system that has a mapping. */
const sameSystem = (connections: Document, id: string, system: string): string | undefined => {
  const declared = connections.toJS() as { connections?: Record<string, { system?: string; roles?: string[] }> };
  return Object.entries(declared.connections ?? {}).find(
    ([other, { system: its, roles = [] }]) => other !== id && its === system && roles.includes('time'),
  )?.[0];
};

const copyMapping = (text: BundleText, id: string, from: string | undefined, notes: string[]): void => {
  const mappings = text.document('mappings.yaml');
  if (mappings.hasIn(['mappings', id])) return;
  const node = from === undefined ? undefined : mappings.getIn(['mappings', from], true);
  if (!isMap(node)) {
    notes.push(`mappings.yaml: "${id}" needs a mapping, and no connection with the same system has one: write it`);
    return;
  }
  text.set('mappings.yaml', ['mappings', id], node.clone());
  notes.push(`mappings.yaml: the mapping of "${id}" is that of "${from}": check it against its fields`);
};

const setOwner = (text: BundleText, kind: string, code: string, id: string): void => {
  const file = 'systems-of-record.yaml';
  const path = ['systemsOfRecord', kind];
  const rule = text.document(file).getIn(path, true);
  // "worker: hr" says the same in one word.
  if (isScalar(rule)) text.set(file, path, { default: rule.value });
  text.set(file, [...path, 'legalEntities', code], id);
};

const addRoutes = (text: BundleText, { connections, legalEntity: { code } }: OnboardingRequest): void => {
  for (const [role, section] of Object.entries(SECTIONS)) {
    const own = Object.entries(connections).flatMap(([id, { roles }]) => (roles.includes(role) ? [id] : []));
    if (own.length > 0) text.set('routing.yaml', [section, 'legalEntities', code], own);
  }
};

/** Wherever a file names legal entities: the new one is named as `like` is, unless it is named already. */
const copyRules = (
  text: BundleText,
  files: readonly PolicyFile[],
  like: string,
  { legalEntity: { code, timeZone } }: OnboardingRequest,
  notes: string[],
): void => {
  let copied = 0;
  for (const { name } of files) {
    if (name === 'connections.yaml' || name === 'mappings.yaml' || name.includes('/')) continue;
    visit(text.document(name), {
      Pair: (_key, pair, path) => {
        const top = path.find((node) => 'key' in node && isScalar(node.key)) as { key: { value: unknown } } | undefined;
        if (!isScalar(pair.key) || NOT_COPIED.has(String(top?.key.value))) return;
        if (pair.key.value === 'missingProjects' && isMap(pair.value) && pair.value.has(like) && !pair.value.has(code))
          notes.push(`${name}: missingProjects: name the project of ${code} on which missing time is accrued`);
        if (pair.key.value !== 'legalEntities') return;
        if (isMap(pair.value) && pair.value.has(like) && !pair.value.has(code)) {
          const node = pair.value.get(like, true);
          pair.value.set(text.document(name).createNode(code), node && 'clone' in node ? node.clone() : node);
        } else if (isSeq(pair.value) && namesIn(pair.value).includes(like) && !namesIn(pair.value).includes(code))
          pair.value.add(text.document(name).createNode(code));
        else return;
        copied += 1;
        text.touch(name);
        if (name === 'calendars.yaml')
          notes.push(
            `calendars.yaml: ${String(top?.key.value)} of ${like} count for ${code}, too: check time zone (${timeZone}) and holidays`,
          );
      },
    });
  }
  const overlay = files.find(({ name }) => name === `legal-entities/${like}.yaml`);
  const own = `legal-entities/${code}.yaml`;
  if (overlay && !files.some(({ name }) => name === own)) {
    text.document(own).contents = parseDocument(overlay.text).contents as Document['contents'];
    text.touch(own);
    copied += 1;
  }
  if (copied === 0) notes.push(`no rule of ${like} is its own: ${code} begins with the firm's`);
};

const namesIn = (list: { readonly items: readonly unknown[] }): unknown[] =>
  list.items.map((item) => (isScalar(item) ? item.value : item));

const addFreeze = (text: BundleText, { legalEntity: { code, timeZone }, goLive }: OnboardingRequest, today: string): void => {
  if (goLive <= today) return;
  const eve = new Date(Date.parse(`${goLive}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
  const freeze = {
    legalEntities: [code],
    from: today,
    to: eve,
    timeZone,
    blocks: ['dispatch'],
    reason: `${code} is being onboarded; go-live ${goLive}`,
  };
  const document = text.document('calendars.yaml');
  const freezes = document.get('freezes', true);
  if (isSeq(freezes) && freezes.items.length > 0) document.addIn(['freezes'], document.createNode(freeze));
  else document.set('freezes', document.createNode([freeze]));
  text.touch('calendars.yaml');
};
