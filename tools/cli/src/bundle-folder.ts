import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { wrongUse } from './failure.js';

export interface PolicyFile {
  /** "validation.yaml", "legal-entities/DE01.yaml" */
  readonly name: string;
  readonly text: string;
}

/** The YAML files of a bundle's folder and of the folders in it, by name. @throws Failure when there is none */
export const readBundle = (folder: string, cwd: string): readonly PolicyFile[] => {
  const root = resolve(cwd, folder);
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw wrongUse(`there is no folder ${root}`, 'name the folder that holds the bundle, for example deploy/governance/demo');
  const files = namesIn(root, '').map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));
  if (files.length === 0)
    throw wrongUse(`${root} holds no .yaml file`, 'name the folder that holds the bundle, for example deploy/governance/demo');
  return files;
};

const namesIn = (root: string, below: string): string[] =>
  readdirSync(join(root, below), { withFileTypes: true })
    .flatMap((entry) => {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : namesIn(root, name);
      return name.endsWith('.yaml') ? [name] : [];
    })
    .sort();
