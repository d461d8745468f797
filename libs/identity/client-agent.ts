const maxLength = 255;
const control = /\p{Cc}/gu;

/** Who asks for a device authorization, as its User-Agent says. Shown to the person who approves it; not to be trusted. */
export type ClientAgent = { hostname: string | null; zenmlVersion: string | null; pythonVersion: string | null; os: string | null };

/** Reads `Host/<name> ZenML/<version> Python/<version> OS/<name>`; null for what is missing. */
export function parseClientAgent(userAgent: string | undefined): ClientAgent {
  const parts = new Map<string, string>();
  // A value runs up to the next known word, since hostnames and names of systems may contain spaces.
  for (const [, word, value] of (userAgent ?? '').slice(0, 2_000).matchAll(/\b(Host|ZenML|Python|OS)\/(.*?)(?=\s+(?:Host|ZenML|Python|OS)\/|$)/gs)) {
    const clean = (value as string).replace(control, '').trim().slice(0, maxLength);
    if (clean && !parts.has(word as string)) parts.set(word as string, clean);
  }
  return {
    hostname: parts.get('Host') ?? null,
    zenmlVersion: parts.get('ZenML') ?? null,
    pythonVersion: parts.get('Python') ?? null,
    os: parts.get('OS') ?? null,
  };
}
