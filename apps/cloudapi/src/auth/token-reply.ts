export type TokenReply = {
  access_token: string;
  token_type: 'bearer';
  expires_in: number;
  refresh_token: null;
  csrf_token: string | null;
  scope: null;
  device_id: string | null;
  device_metadata: Record<string, unknown> | null;
};

export function tokenReply(
  token: string,
  expiresInSeconds: number,
  more: Partial<Pick<TokenReply, 'csrf_token' | 'device_id' | 'device_metadata'>> = {},
): TokenReply {
  return {
    access_token: token,
    token_type: 'bearer',
    expires_in: expiresInSeconds,
    refresh_token: null,
    csrf_token: null,
    scope: null,
    device_id: null,
    device_metadata: null,
    ...more,
  };
}
