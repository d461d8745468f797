// Runs moto's server, which answers like AWS (S3, Secrets Manager, STS, …), for tests of what talks to AWS.
import { pathToFileURL } from 'node:url';
import { installMoto } from './install.mjs';
import { freePort, startProcess } from './process.mjs';

/** @returns {Promise<{ url: string, stop: () => Promise<void>, log: () => string }>} */
export async function startMoto({ port } = {}) {
  const { python } = await installMoto();
  const chosen = port ?? (await freePort());
  const url = `http://127.0.0.1:${chosen}`;
  const handle = await startProcess(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(chosen)], {
    // moto looks instance metadata up at start unless told that there are credentials.
    env: { ...process.env, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_DEFAULT_REGION: 'us-east-1' },
    probe: `${url}/moto-api/`,
  });
  return { url, stop: handle.stop, log: handle.log };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  startMoto({ port: process.argv[2] ? Number(process.argv[2]) : undefined }).then((moto) => {
    console.log(moto.url);
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => moto.stop().then(() => process.exit(0)));
    setInterval(() => {}, 1 << 30);
  });
}
