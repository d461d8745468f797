import { AwsProvider } from './aws.js';
import { AzureProvider } from './azure.js';
import type { ConnectorProvider, ProviderContext } from './connector.js';
import { notImplemented } from './connector-error.js';
import { DockerProvider } from './docker.js';
import { GcpProvider } from './gcp.js';
import { KubernetesProvider } from './kubernetes.js';
import { OAuth2Provider } from './oauth2.js';

const PROVIDERS: Record<string, new (context: ProviderContext) => ConnectorProvider> = {
  aws: AwsProvider,
  azure: AzureProvider,
  docker: DockerProvider,
  gcp: GcpProvider,
  kubernetes: KubernetesProvider,
  oauth2: OAuth2Provider,
};

/** The connector types that this server verifies and issues credentials for; clients do the rest themselves. */
export const SUPPORTED_CONNECTOR_TYPES: readonly string[] = Object.keys(PROVIDERS);

/** Throws `not_implemented` for a type that is not spoken here, naming it. */
export function openProvider(context: ProviderContext): ConnectorProvider {
  const Provider = PROVIDERS[context.connectorType];
  if (!Provider) throw notImplemented(context.connectorType, context.connector.authMethod, 'verify or use resources');
  return new Provider(context);
}
