// One line for each thing that must carry a description on the wire (the clients' models require the field). Our own words.
// Keys: connector type; `<type>/<resource type>`; `<type>#<auth method>`.
export const DESCRIPTIONS = {
  docker: 'Logs a container engine into a Docker or OCI registry and hands it to the components that push or pull images.',
  'docker/docker-registry': 'A registry that speaks the Docker/OCI protocol, named by its URL, for example `docker.io` or `https://host:port/name`.',
  'docker#password': 'A registry username with its password or access token.',

  aws: 'Gives components access to AWS: a boto3 session, S3 buckets, EKS clusters and ECR registries.',
  'aws/aws-generic': 'Any AWS service: the consumer gets a boto3 session with the connector’s credentials.',
  'aws/s3-bucket': 'An S3 bucket, named `s3://bucket`; the consumer gets a boto3 S3 client.',
  'aws/kubernetes-cluster': 'An EKS cluster, named by its cluster name or ARN; the consumer gets a Kubernetes API client.',
  'aws/docker-registry': 'The ECR registry of the account and region; the consumer gets a logged-in container engine.',
  'aws#implicit':
    'Whatever credentials the server’s own environment offers: variables, configuration files or an attached role. Off unless the server enables it.',
  'aws#secret-key': 'A long-lived access key ID with its secret.',
  'aws#sts-token': 'A temporary session token obtained elsewhere; it stops working when it expires.',
  'aws#iam-role': 'An access key that assumes an IAM role; consumers get temporary credentials of that role.',
  'aws#session-token': 'An access key of an IAM user from which temporary session tokens are issued.',
  'aws#federation-token': 'An access key of an IAM user from which temporary tokens for a federated user, narrowed by policies, are issued.',

  gcp: 'Gives components access to Google Cloud: Python credentials, GCS buckets, GKE clusters and Artifact Registry.',
  'gcp/gcp-generic': 'Any Google Cloud service: the consumer gets google-auth credentials.',
  'gcp/gcs-bucket': 'A Cloud Storage bucket, named `gs://bucket`; the consumer gets a storage client.',
  'gcp/kubernetes-cluster': 'A GKE cluster, named by its cluster name; the consumer gets a Kubernetes API client.',
  'gcp/docker-registry': 'A Google Artifact Registry or Container Registry; the consumer gets a logged-in container engine.',
  'gcp#implicit': 'Application default credentials of the server’s own environment. Off unless the server enables it.',
  'gcp#user-account': 'Credentials of a user account, as `gcloud auth application-default login` writes them.',
  'gcp#service-account': 'The JSON key of a service account.',
  'gcp#external-account': 'Workload identity federation: a credentials file that names an external identity provider.',
  'gcp#oauth2-token': 'A temporary OAuth 2.0 token obtained elsewhere; it stops working when it expires.',
  'gcp#impersonation': 'A service account key that impersonates another service account; consumers get temporary tokens of the latter.',

  azure: 'Gives components access to Azure: credentials, blob containers, AKS clusters and ACR registries.',
  'azure/azure-generic': 'Any Azure service: the consumer gets an azure-identity credential.',
  'azure/blob-container': 'A blob storage container, named `az://container`; the consumer gets a blob service client.',
  'azure/kubernetes-cluster': 'An AKS cluster, named `[resource-group/]cluster`; the consumer gets a Kubernetes API client.',
  'azure/docker-registry': 'An ACR registry, named by its URL or name; the consumer gets a logged-in container engine.',
  'azure#implicit': 'Whatever credentials the server’s own environment offers: variables, managed identity or the Azure CLI. Off unless the server enables it.',
  'azure#service-principal': 'Client ID and client secret of a service principal.',
  'azure#access-token': 'A temporary access token obtained elsewhere; it stops working when it expires.',

  kubernetes: 'Gives components an authenticated client of one Kubernetes cluster.',
  'kubernetes/kubernetes-cluster': 'A Kubernetes cluster, named freely; the consumer gets a Kubernetes API client.',
  'kubernetes#password': 'Basic authentication with username and password. Most clusters no longer accept it.',
  'kubernetes#token': 'A bearer token or a client certificate.',

  oauth2: 'Gives components an HTTP session for an API that is protected by OAuth 2.0.',
  'oauth2/oauth2-api': 'An HTTP API: the consumer gets a requests session that carries the bearer token.',
  'oauth2#client-credentials': 'A client ID and secret that are exchanged for access tokens (client credentials grant).',
  'oauth2#refresh-token': 'A refresh token that is exchanged for access tokens; providers that rotate refresh tokens do not fit.',
  'oauth2#token': 'An access token obtained elsewhere.',

  hyperai: 'Gives components an SSH connection to HyperAI instances.',
  'hyperai/hyperai-instance': 'A HyperAI instance, named by its host; the consumer gets a paramiko SSH client.',
  'hyperai#rsa-key': 'An RSA private key, with a passphrase if it is encrypted.',
  'hyperai#dsa-key': 'A DSA private key, with a passphrase if it is encrypted.',
  'hyperai#ecdsa-key': 'An ECDSA private key, with a passphrase if it is encrypted.',
  'hyperai#ed25519-key': 'An Ed25519 private key, with a passphrase if it is encrypted.',
};

const DEPLOYMENT_RESOURCES = {
  aws: 'an S3 bucket, an ECR repository, SageMaker, a CodeBuild project, and an IAM user and role with an access key',
  gcp: 'a GCS bucket, an Artifact Registry, Vertex AI, Cloud Build, and a service account with a key',
  azure: 'a resource group with a storage account, a container registry, an AzureML workspace, and a service principal with a secret',
};
const DEPLOYMENT_TOOL = {
  aws: 'AWS CloudFormation',
  gcp: 'Google Cloud Deployment Manager in Cloud Shell',
  azure: 'Terraform in Azure Cloud Shell',
};
const DEPLOYMENT_CLOUD = { aws: 'AWS', gcp: 'Google Cloud', azure: 'Azure' };

/** The three texts of the cloud wizard for one provider. */
export function stackDeploymentTexts(provider) {
  const cloud = DEPLOYMENT_CLOUD[provider];
  return {
    description: `Creates the resources a basic stack needs in ${cloud} and registers the stack here.`,
    instructions:
      `${DEPLOYMENT_TOOL[provider]} opens in your browser and creates ${DEPLOYMENT_RESOURCES[provider]}. ` +
      `The credentials it creates are stored here as a service connector. You need permission to create these resources, and ${cloud} may charge for them. ` +
      'Come back to this terminal when the deployment has finished.',
    post_deploy_instructions: `The stack is registered. To take the access away again and remove what was created, delete the deployment in ${cloud}.`,
  };
}

const EVENT_SOURCE = { pipeline: 'A run of the pipeline', pipeline_run: 'The run', pipeline_snapshot: 'A run of the snapshot' };

/** What the event of a trigger's source means, for example `run_completed` of a pipeline. */
export function eventText(source, value) {
  return `${EVENT_SOURCE[source]} ${value.endsWith('failed') ? 'failed' : 'completed'}.`;
}
