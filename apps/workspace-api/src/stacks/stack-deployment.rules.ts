import { randomLetters } from '#libs/crypto/random.js';

export type Provider = 'aws' | 'gcp' | 'azure';

export type Deployment = { provider: Provider; stackName: string; location: string | null; isTerraform: boolean; serverUrl: string; token: string };

/** How a deployment marks the stack that it registers, in the label `zenml:deployment`. */
export function deploymentKind(provider: Provider, isTerraform: boolean): string {
  return isTerraform ? 'terraform' : { aws: 'cloud-formation', gcp: 'deployment-manager', azure: 'azure-cloud-shell' }[provider];
}

export type DeploymentConfig = { deployment_url: string; deployment_url_text: string; configuration: string | null; instructions: string | null };

/** Where a deployment starts, and what is to be pasted there. */
export function deploymentConfig(deployment: Deployment): DeploymentConfig {
  const { provider, isTerraform } = deployment;
  switch (provider) {
    case 'aws':
      return {
        deployment_url: cloudFormationUrl(deployment),
        deployment_url_text: 'AWS CloudFormation Console',
        configuration: isTerraform ? terraform(deployment) : null,
        instructions: null,
      };
    case 'gcp':
      return {
        deployment_url: cloudShellUrl,
        deployment_url_text: 'GCP Cloud Shell Console',
        configuration: isTerraform ? terraform(deployment) : shellSettings(deployment),
        instructions: 'Cloud Shell asks for the following values:',
      };
    case 'azure':
      return {
        deployment_url: 'https://shell.azure.com',
        deployment_url_text: 'Azure Cloud Shell Console',
        configuration: terraform(deployment),
        instructions: [
          '1. Open Azure Cloud Shell in your browser.',
          '2. Make a file `main.tf` there and paste the configuration below into it.',
          '3. Run `terraform init --upgrade`.',
          '4. Run `terraform apply`.',
        ].join('\n'),
      };
  }
}

/** The template that the makers of the client publish. The console reads everything after the `#`, so values are escaped as in a query. */
function cloudFormationUrl({ stackName, location, serverUrl, token }: Deployment): string {
  const parameters = new URLSearchParams({
    stackName,
    templateURL: 'https://zenml-cf-templates.s3.eu-central-1.amazonaws.com/aws-ecr-s3-sagemaker.yaml',
    param_ResourceName: `zenml-${randomLetters('abcdefghijklmnopqrstuvwxyz', 6)}`,
    param_ZenMLServerURL: serverUrl,
    param_ZenMLServerAPIToken: token,
    param_CodeBuild: 'true',
  });
  const region = location ? `region=${encodeURIComponent(location)}` : '';
  return `https://console.aws.amazon.com/cloudformation/home?${region}#/stacks/create/review?${parameters}`;
}

const cloudShellUrl = `https://shell.cloud.google.com/cloudshell/editor?${new URLSearchParams({
  cloudshell_git_repo: 'https://github.com/zenml-io/zenml',
  cloudshell_workspace: 'infra/gcp',
  cloudshell_open_in_editor: 'gcp-gar-gcs-vertex.jinja,gcp-gar-gcs-vertex-deploy.sh',
  cloudshell_tutorial: 'gcp-gar-gcs-vertex.md',
  ephemeral: 'true',
})}`;

function shellSettings({ stackName, location, serverUrl, token }: Deployment): string {
  return [
    '### BEGIN CONFIGURATION ###',
    `ZENML_STACK_NAME=${shellText(stackName)}`,
    `ZENML_STACK_REGION=${shellText(location ?? defaultLocations.gcp)}`,
    `ZENML_SERVER_URL=${shellText(serverUrl)}`,
    `ZENML_SERVER_API_TOKEN=${token}`,
    '### END CONFIGURATION ###',
  ].join('\n');
}

const defaultLocations: Record<Provider, string> = { aws: 'eu-central-1', gcp: 'europe-west3', azure: 'eastus' };

const required: Record<Provider, Record<string, string>> = {
  aws: { aws: 'hashicorp/aws' },
  gcp: { google: 'hashicorp/google' },
  azure: { azurerm: 'hashicorp/azurerm', azuread: 'hashicorp/azuread' },
};

function terraform({ provider, stackName, location, serverUrl, token }: Deployment): string {
  const place = hclText(location ?? defaultLocations[provider]);
  const sources = Object.entries(required[provider]);
  const cloud = {
    aws: `provider "aws" {\n  region = ${place}\n}`,
    gcp: `provider "google" {\n  region  = ${place}\n  project = "the id of your project"\n}`,
    azure: 'provider "azurerm" {\n  features {\n    resource_group {\n      prevent_deletion_if_contains_resources = false\n    }\n  }\n}',
  }[provider];
  return `terraform {
  required_providers {
${sources.map(([name, source]) => `    ${name} = {\n      source = "${source}"\n    }`).join('\n')}
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 2.0"
    }
  }
}

${cloud}

provider "zenml" {
  server_url = ${hclText(serverUrl)}
  api_token  = ${hclText(token)}
}

module "zenml_stack" {
  source  = "zenml-io/zenml-stack/${provider}"
  version = "~> 2.0"

${provider === 'azure' ? `  location = ${place}\n` : ''}  zenml_stack_name       = ${hclText(stackName)}
  zenml_stack_deployment = "${deploymentKind(provider, true)}"
}

output "zenml_stack_id" {
  value = module.zenml_stack.zenml_stack_id
}

output "zenml_stack_name" {
  value = module.zenml_stack.zenml_stack_name
}`;
}

/** A name could otherwise end the text it stands in, or be evaluated: in HCL `\${` and `%{` begin expressions. */
function hclText(text: string): string {
  return JSON.stringify(text).replaceAll('${', '$$${').replaceAll('%{', '%%{');
}

function shellText(text: string): string {
  return /^[\w.:/@-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
