import { checkConnector, checkExpiration, findSpecification } from './configuration.js';
import { typeOf } from './connector.fixture.js';

const aws = typeOf('aws');
const keys = { aws_access_key_id: 'a', aws_secret_access_key: 'b', region: 'us-east-1' };

describe('a connector configuration', () => {
  it('is split into what is shown and what is secret, unknown attributes dropped', () => {
    expect(
      checkConnector(aws, {
        authMethod: 'secret-key',
        resourceTypes: ['s3-bucket'],
        resourceId: 's3://b',
        configuration: { ...keys, endpoint_url: null, surplus: 1 },
      }),
    ).toEqual({
      resourceTypes: ['s3-bucket'],
      resourceId: 's3://b',
      supportsInstances: true,
      configuration: { region: 'us-east-1' },
      secrets: { aws_access_key_id: 'a', aws_secret_access_key: 'b' },
      unknown: ['surplus'],
    });
  });

  it('gives access to all resource types unless there is exactly one', () => {
    const all = ['aws-generic', 's3-bucket', 'kubernetes-cluster', 'docker-registry'];
    for (const resourceTypes of [[], ['s3-bucket', 'aws-generic']]) {
      expect(checkConnector(aws, { authMethod: 'secret-key', resourceTypes, configuration: keys })).toMatchObject({
        resourceTypes: all,
        supportsInstances: false,
        resourceId: null,
      });
    }
  });

  it('takes lists as JSON, as text and as lists', () => {
    const arns = (policy_arns: unknown) =>
      checkConnector(aws, { authMethod: 'iam-role', resourceTypes: [], configuration: { ...keys, role_arn: 'r', policy_arns } }).configuration.policy_arns;
    expect(arns('["a","b"]')).toEqual(['a', 'b']);
    expect(arns('a,b')).toEqual(['a', 'b']);
    expect(arns(['a'])).toEqual(['a']);
  });

  it('knows the secrets among optional attributes', () => {
    const configuration = { server: 's', cluster_name: 'c', token: 't', insecure: true };
    expect(checkConnector(typeOf('kubernetes'), { authMethod: 'token', resourceTypes: [], configuration })).toMatchObject({
      configuration: { server: 's', cluster_name: 'c', insecure: true },
      secrets: { token: 't' },
    });
  });

  it.each([
    ['secret-key', ['s3-bucket'], { region: 'us-east-1' }, "missing required attribute 'aws_access_key_id'"],
    ['secret-key', ['s3-bucket'], { ...keys, aws_access_key_id: 1 }, 'is a secret but is not a string'],
    ['no-such', ['s3-bucket'], keys, "does not support the 'no-such' authentication method"],
    ['secret-key', ['no-such'], keys, "does not support resource type 'no-such'"],
  ])('refuses %s %j', (authMethod, resourceTypes, configuration, text) => {
    expect(() => checkConnector(aws, { authMethod, resourceTypes, configuration })).toThrow(text);
  });

  it('keeps the life of temporary credentials within the limits of the method', () => {
    const auth = (name: string) => findSpecification(aws, name).auth;
    expect(checkExpiration(auth('session-token'), undefined)).toBe(43200);
    expect(checkExpiration(auth('session-token'), 900)).toBe(900);
    expect(checkExpiration(auth('secret-key'), null)).toBeUndefined();
    expect(() => checkExpiration(auth('session-token'), 899)).toThrow('at least 900');
    expect(() => checkExpiration(auth('session-token'), 129601)).toThrow('at most 129600');
    expect(() => checkExpiration(auth('secret-key'), 900)).toThrow('not supported');
  });
});
