/**
 * Why a connector could not do what was asked.
 * - `not_implemented`: this server does not speak to that kind of resource; the text names type and authentication method (501 on the wire)
 * - `invalid`: the configuration or the request does not fit the connector's type (400)
 * - `unauthorized`: the provider refused the credentials, or does not know the resource (401)
 */
export type ConnectorErrorKind = 'not_implemented' | 'invalid' | 'unauthorized';

/** The message speaks to the user and holds no secret; what the provider's SDK said is the `cause`. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly kind: ConnectorErrorKind;

  constructor(kind: ConnectorErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}

export function unauthorized(message: string, cause?: unknown): ConnectorError {
  return new ConnectorError('unauthorized', message, { cause });
}

export function notImplemented(connectorType: string, authMethod: string, what: string): ConnectorError {
  return new ConnectorError('not_implemented', `This server cannot ${what} with '${connectorType}' connectors that use '${authMethod}' authentication.`);
}
