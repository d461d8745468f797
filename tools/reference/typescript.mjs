// Lets node run the TypeScript of this repository as it stands: node --import ./tools/reference/typescript.mjs some/file.ts
// For command-line tools only; the applications run from dist/.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
