import { createHash, createHmac } from 'node:crypto';

export type SigningCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

export type SignedRequest = { method: 'GET' | 'POST'; url: string; headers: Record<string, string>; body?: string };

/**
 * AWS Signature Version 4 in headers, as AWS documents it. For the two services whose SDK is not installed (ECR and EKS) and whose few calls
 * do not justify one.
 */
export function signed(request: SignedRequest, scope: { service: string; region: string; credentials: SigningCredentials; now: number }): SignedRequest {
  const { amzDate, credentialScope } = scopeOf(scope);
  const url = new URL(request.url);
  const headers: Record<string, string> = { ...request.headers, host: url.host, 'x-amz-date': amzDate };
  if (scope.credentials.sessionToken !== undefined) headers['x-amz-security-token'] = scope.credentials.sessionToken;
  const names = Object.keys(headers).sort();
  const canonical = [
    request.method,
    url.pathname,
    canonicalQuery(url),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim()}`),
    '',
    names.join(';'),
    sha256(request.body ?? ''),
  ].join('\n');
  const signature = sign(canonical, scope, amzDate, credentialScope);
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${scope.credentials.accessKeyId}/${credentialScope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  // The client sends the host itself.
  const { host: _, ...sent } = headers;
  return { ...request, headers: sent };
}

/** A URL that carries its signature in the query; `signedHeaders` must be sent with it. */
export function presigned(
  url: string,
  signedHeaders: Record<string, string>,
  scope: { service: string; region: string; credentials: SigningCredentials; now: number; expiresSeconds: number },
): string {
  const { amzDate, credentialScope } = scopeOf(scope);
  const target = new URL(url);
  const headers: Record<string, string> = { ...signedHeaders, host: target.host };
  const names = Object.keys(headers).sort();
  const query: Record<string, string> = {
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${scope.credentials.accessKeyId}/${credentialScope}`,
    'X-Amz-Date': amzDate,
    'X-Amz-Expires': String(scope.expiresSeconds),
    'X-Amz-SignedHeaders': names.join(';'),
    ...(scope.credentials.sessionToken !== undefined && { 'X-Amz-Security-Token': scope.credentials.sessionToken }),
  };
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
  const canonical = ['GET', target.pathname, canonicalQuery(target), ...names.map((name) => `${name}:${headers[name]}`), '', names.join(';'), sha256('')].join(
    '\n',
  );
  const signature = sign(canonical, scope, amzDate, credentialScope);
  return `${target.origin}${target.pathname}?${canonicalQuery(target)}&X-Amz-Signature=${signature}`;
}

function scopeOf({ service, region, now }: { service: string; region: string; now: number }) {
  const amzDate = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
  return { amzDate, credentialScope: `${amzDate.slice(0, 8)}/${region}/${service}/aws4_request` };
}

function sign(
  canonical: string,
  scope: { service: string; region: string; credentials: SigningCredentials },
  amzDate: string,
  credentialScope: string,
): string {
  const text = ['AWS4-HMAC-SHA256', amzDate, credentialScope, sha256(canonical)].join('\n');
  const steps = [amzDate.slice(0, 8), scope.region, scope.service, 'aws4_request'];
  const key = steps.reduce<Buffer | string>((current, step) => createHmac('sha256', current).update(step).digest(), `AWS4${scope.credentials.secretAccessKey}`);
  return createHmac('sha256', key).update(text).digest('hex');
}

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
}

const encoded = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
