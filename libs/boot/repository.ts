import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this installation: the nearest one above the compiled code that has the migrations. */
function findRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'prisma/migrations'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('The folder prisma/migrations belongs beside the program and is missing.');
    folder = parent;
  }
  return folder;
}

const root = findRoot();

/** A file that ships with the program and is not code, by its path in the repository. */
export function repositoryFile(...parts: string[]): string {
  return path.join(root, ...parts);
}
