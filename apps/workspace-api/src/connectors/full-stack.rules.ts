import { Problem } from '#libs/http/problem.js';

type Offer = {
  component: 'artifact_store' | 'orchestrator' | 'container_registry';
  flavor: string;
  title: string;
  /** What has to be filled in besides the resource, with its title. */
  required?: Record<string, string>;
  /** The resource itself is what is filled in. */
  isFixed?: boolean;
};

const kubernetes: Offer = { component: 'orchestrator', flavor: 'kubernetes', title: 'Kubernetes' };
const store = (flavor: string, title: string): Offer => ({ component: 'artifact_store', flavor, title, required: { path: 'Path' }, isFixed: true });
const registry = (flavor: string, title: string): Offer => ({ component: 'container_registry', flavor, title, required: { uri: 'URI' }, isFixed: true });
const orchestrator = (flavor: string, title: string, required: Record<string, string>, isFixed = false): Offer => ({
  component: 'orchestrator',
  flavor,
  title,
  required,
  isFixed,
});

/** What a stack can be made of with the resources of a cloud: connector type -> resource type -> components. */
const offers: Record<string, Record<string, Offer[]>> = {
  aws: {
    's3-bucket': [store('s3', 'S3 Bucket')],
    'aws-generic': [
      orchestrator('sagemaker', 'AWS Sagemaker', { execution_role: 'execution role ARN' }),
      orchestrator('vm_aws', 'Skypilot (EC2)', { region: 'region' }, true),
    ],
    'kubernetes-cluster': [kubernetes],
    'docker-registry': [registry('aws', 'ECR')],
  },
  gcp: {
    'gcs-bucket': [store('gcp', 'GCS Bucket')],
    'gcp-generic': [orchestrator('vertex', 'Vertex AI', { location: 'region name' }), orchestrator('vm_gcp', 'Skypilot (Compute)', { region: 'region name' })],
    'kubernetes-cluster': [kubernetes],
    'docker-registry': [registry('gcp', 'GCR')],
  },
  azure: {
    'blob-container': [store('azure', 'Blob container')],
    'azure-generic': [
      orchestrator('vm_azure', 'Skypilot (VM)', { region: 'region name' }),
      orchestrator('azureml', 'AzureML', { subscription_id: 'subscription ID', resource_group: 'resource group', workspace: 'workspace' }),
    ],
    'kubernetes-cluster': [kubernetes],
    'docker-registry': [registry('azure', 'ACR')],
  },
};

type Found = { resource_type: string; resource_ids: string[] | null };
/** A component that is connected already. */
type Connected = { document: unknown; type: string; flavor: string };

const componentTypes = ['artifact_store', 'orchestrator', 'container_registry'] as const;

/** The choices for a whole stack behind one connector. @throws Problem 400 where something that a stack needs is not among them */
export function fullStackChoices(connectorType: string, found: Found[], connected: Connected[]) {
  const known = offers[connectorType] ?? {};
  const choices = found.flatMap(({ resource_type, resource_ids }) =>
    resource_ids?.length ? (known[resource_type] ?? []).map((offer) => ({ offer, resource_ids })) : [],
  );
  const components_resources_info = Object.fromEntries(
    componentTypes.map((type) => [
      type,
      choices
        .filter(({ offer }) => offer.component === type)
        .map(({ offer, resource_ids }) => ({
          flavor: offer.flavor,
          flavor_display_name: offer.title,
          required_configuration: offer.required ?? {},
          use_resource_value_as_fixed_config: offer.isFixed ?? false,
          accessible_by_service_connector: resource_ids,
          connected_through_service_connector: connected.filter((one) => one.type === type && one.flavor === offer.flavor).map((one) => one.document),
        })),
    ]),
  );
  if (connectorType in offers)
    for (const type of componentTypes)
      if (components_resources_info[type]?.length === 0)
        throw new Problem(
          'invalid',
          `The service connector gives no access to anything that could be the ${type.replace('_', ' ')} of a stack. Check what its credentials are allowed to do.`,
        );
  return { connector_type: connectorType, components_resources_info };
}
