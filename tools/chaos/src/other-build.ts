import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, type ServiceName } from '@tieout/local';

const FOLDER = join(ROOT, '.tieout', 'chaos', 'builds');

const git = (...args: string[]): string =>
  execFileSync('git', ['-C', ROOT, ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }).trim();

interface Package {
  readonly folder: string;
  readonly needs: readonly string[];
}

const packagesIn = (checkout: string): Map<string, Package> =>
  new Map(
    globSync(['apps/*/package.json', 'libs/*/package.json', 'libs/connectors/*/package.json'], { cwd: checkout }).map((file) => {
      const { name, dependencies = {} } = JSON.parse(readFileSync(join(checkout, file), 'utf8')) as {
        name: string;
        dependencies?: Record<string, string>;
      };
      return [name, { folder: dirname(file), needs: Object.keys(dependencies) }];
    }),
  );

/** What a package needs before itself. */
const inOrder = (name: string, packages: ReadonlyMap<string, Package>, done: string[] = []): string[] => {
  if (done.includes(name)) return done;
  for (const need of packages.get(name)?.needs ?? []) if (packages.has(need)) inOrder(need, packages, done);
  done.push(name);
  return done;
};

/** The installed packages by links; those of the checkout from the checkout. */
const linkPackages = (checkout: string, packages: ReadonlyMap<string, Package>): void => {
  const modules = join(checkout, 'node_modules');
  mkdirSync(join(modules, '@tieout'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (name !== '@tieout') symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  for (const [name, { folder }] of packages) symlinkSync(join(checkout, folder), join(modules, name));
  for (const folder of globSync(['apps/*/node_modules', 'libs/*/node_modules', 'libs/connectors/*/node_modules'], { cwd: ROOT }))
    if (existsSync(join(checkout, dirname(folder)))) symlinkSync(join(ROOT, folder), join(checkout, folder));
};

/**
 * The build of a service before the last change to it or to the delivery engine, made from the repository's history.
 * @returns the folder with its main.js. @throws Error where there is no history, or the old state does not build.
 */
export const buildBefore = async (service: ServiceName): Promise<string> => {
  const commit = git('log', '-2', '--format=%H', '--', `apps/${service}/src`, 'libs/delivery/src').split('\n')[1];
  if (!commit) throw new Error(`the history of this checkout has no earlier build of ${service}`);
  const checkout = join(FOLDER, `${service}-${commit.slice(0, 12)}`);
  const dist = join(checkout, 'apps', service, 'dist');
  if (existsSync(join(dist, 'main.js'))) return dist;
  const unfinished = `${checkout}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  rmSync(checkout, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const archive = join(unfinished, 'state.tar');
  git('archive', '-o', archive, commit, 'apps', 'libs', 'package.json', 'tsconfig.base.json');
  execFileSync('tar', ['xf', archive, '-C', unfinished]);
  renameSync(unfinished, checkout);
  const packages = packagesIn(checkout);
  linkPackages(checkout, packages);
  for (const name of inOrder(`@tieout/${service}`, packages))
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], {
      cwd: join(checkout, packages.get(name)!.folder),
    });
  return dist;
};
