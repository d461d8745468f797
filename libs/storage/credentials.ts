export type AwsCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/**
 * How an artifact store signs its requests; from the component's secret (`credentialsFromSecret`) or from a service connector's client
 * (`credentialsFromConnector`). `gcp.key` is a service account key or the document of an authorized user.
 */
export type StoreCredentials =
  | ({ type: 'aws'; region?: string; endpointUrl?: string } & AwsCredentials)
  | { type: 'gcp'; accessToken?: string; key?: Record<string, unknown>; projectId?: string }
  | {
      type: 'azure';
      accountName?: string;
      accountKey?: string;
      sasToken?: string;
      connectionString?: string;
      tenantId?: string;
      clientId?: string;
      clientSecret?: string;
      accessToken?: string;
    };

type Values = Record<string, unknown>;

/** Reads the values of a component's `authentication_secret` (the field names of ZenML's AWS, GCP and Azure secret schemas); undefined for other flavors. */
export function credentialsFromSecret(flavor: string, values: Values): StoreCredentials | undefined {
  if (isS3Flavor(flavor)) {
    const accessKeyId = text(values.aws_access_key_id) ?? text(values.access_key_id);
    const secretAccessKey = text(values.aws_secret_access_key) ?? text(values.secret_access_key);
    if (!accessKeyId || !secretAccessKey) return undefined;
    return { type: 'aws', accessKeyId, secretAccessKey, sessionToken: text(values.aws_session_token) ?? text(values.session_token) };
  }
  if (flavor === 'gcp') {
    const key = jsonObject(values.token);
    return key && { type: 'gcp', key, projectId: text(key.project_id) };
  }
  if (flavor === 'azure') {
    return {
      type: 'azure',
      accountName: text(values.account_name),
      accountKey: text(values.account_key),
      sasToken: text(values.sas_token),
      connectionString: text(values.connection_string),
      tenantId: text(values.tenant_id),
      clientId: text(values.client_id),
      clientSecret: text(values.client_secret),
    };
  }
  return undefined;
}

/** Reads the configuration of a connector client, as `connectorClient` of libs/connectors issues it; undefined when it holds nothing a store can use. */
export function credentialsFromConnector(connectorType: string, configuration: Values): StoreCredentials | undefined {
  if (connectorType === 'aws') {
    const accessKeyId = text(configuration.aws_access_key_id);
    const secretAccessKey = text(configuration.aws_secret_access_key);
    if (!accessKeyId || !secretAccessKey) return undefined;
    return {
      type: 'aws',
      accessKeyId,
      secretAccessKey,
      sessionToken: text(configuration.aws_session_token),
      region: text(configuration.region),
      endpointUrl: text(configuration.endpoint_url),
    };
  }
  if (connectorType === 'gcp') {
    const key = jsonObject(configuration.service_account_json) ?? jsonObject(configuration.user_account_json);
    const accessToken = text(configuration.token);
    return key || accessToken ? { type: 'gcp', key, accessToken, projectId: text(configuration.project_id) } : undefined;
  }
  if (connectorType === 'azure') {
    const accessToken = text(configuration.token);
    const clientSecret = text(configuration.client_secret);
    if (!accessToken && !clientSecret) return undefined;
    return {
      type: 'azure',
      accountName: text(configuration.storage_account),
      tenantId: text(configuration.tenant_id),
      clientId: text(configuration.client_id),
      clientSecret,
      accessToken,
    };
  }
  return undefined;
}

/** Backblaze and DigitalOcean are S3 with another endpoint. */
export function isS3Flavor(flavor: string): boolean {
  return flavor === 's3' || flavor === 'b2' || flavor === 'digitalocean';
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** An object, or the JSON text of one, also in base64 as ZenML accepts it. */
export function jsonObject(value: unknown): Values | undefined {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Values;
  if (typeof value !== 'string' || value === '') return undefined;
  const plain = /^[A-Za-z0-9+/=\s]+$/.test(value) ? Buffer.from(value, 'base64').toString('utf8') : value;
  try {
    const parsed: unknown = JSON.parse(plain);
    return parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed) ? (parsed as Values) : undefined;
  } catch {
    return undefined;
  }
}
