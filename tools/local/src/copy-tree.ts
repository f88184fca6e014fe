import { chmod, chown, copyFile, mkdir, readdir, readlink, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';

const isGone = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** Makes `to` a copy of `from`, owners and modes kept. What vanishes meanwhile is left out: servers delete files while they run. */
export const copyTree = async (from: string, to: string, skip: (path: string) => boolean = () => false): Promise<void> => {
  const { uid, gid, mode } = await stat(from);
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (skip(source)) continue;
    try {
      if (entry.isDirectory()) await copyTree(source, target, skip);
      else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
      else if (entry.isFile()) {
        await copyFile(source, target);
        const owner = await stat(source);
        await chown(target, owner.uid, owner.gid);
      }
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  await chown(to, uid, gid);
  await chmod(to, mode & 0o7777);
};

/** Leaves the folder itself, which may be a mount or the target of a link. */
export const emptyFolder = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
};
