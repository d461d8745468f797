import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const root = new URL('../../', import.meta.url);

/** `./x.js` and `#libs/x.js` mean the TypeScript source where there is one. */
export async function resolve(specifier, context, next) {
  const subpath = specifier.match(/^#((?:libs|apps)\/.*)\.js$/);
  const target = subpath
    ? new URL(`${subpath[1]}.ts`, root)
    : /^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL
      ? new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL)
      : undefined;
  if (target && existsSync(fileURLToPath(target))) return { url: target.href, format: 'module', shortCircuit: true };
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), {
    filename,
    swcrc: false,
    sourceMaps: 'inline',
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      keepClassNames: true,
    },
    module: { type: 'es6' },
  });
  return { format: 'module', source: code, shortCircuit: true };
}
