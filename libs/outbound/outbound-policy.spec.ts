import { parseAddress } from './address.js';
import { OutboundPolicy } from './outbound-policy.js';

const isAllowed = (policy: OutboundPolicy, text: string) => {
  const address = parseAddress(text);
  if (!address) throw new Error(`not an address: ${text}`);
  return policy.isAddressAllowed(address);
};

describe('the outbound policy', () => {
  it('opens nothing but public addresses by default', () => {
    expect(isAllowed(OutboundPolicy.publicOnly, '8.8.8.8')).toBe(true);
    expect(isAllowed(OutboundPolicy.publicOnly, '10.0.0.1')).toBe(false);
  });

  it('opens networks, also in their v4-mapped spelling', () => {
    const policy = OutboundPolicy.parse('10.0.0.0/8, fd12::/16');
    expect(isAllowed(policy, '10.9.9.9')).toBe(true);
    expect(isAllowed(policy, '::ffff:10.9.9.9')).toBe(true);
    expect(isAllowed(policy, 'fd12::5')).toBe(true);
    expect(isAllowed(policy, '192.168.0.1')).toBe(false);
  });

  it('keeps metadata services closed unless their exact address is named', () => {
    expect(isAllowed(OutboundPolicy.parse('0.0.0.0/0'), '169.254.169.254')).toBe(false);
    expect(isAllowed(OutboundPolicy.parse('169.254.0.0/16'), '169.254.169.254')).toBe(false);
    expect(isAllowed(OutboundPolicy.parse('169.254.169.254'), '169.254.169.254')).toBe(true);
    expect(() => OutboundPolicy.parse('evil.example').assertAddress('169.254.169.254', 'evil.example', 80)).toThrow('not a public address');
  });

  it('opens hosts by name, suffix and port', () => {
    const policy = OutboundPolicy.parse('minio.internal *.corp.example vault.internal:8200');
    expect(policy.isHostAllowed('MinIO.internal.', 9000)).toBe(true);
    expect(policy.isHostAllowed('a.b.corp.example', 443)).toBe(true);
    expect(policy.isHostAllowed('corp.example', 443)).toBe(false);
    expect(policy.isHostAllowed('evilcorp.example', 443)).toBe(false);
    expect(policy.isHostAllowed('vault.internal', 8200)).toBe(true);
    expect(policy.isHostAllowed('vault.internal', 443)).toBe(false);
  });

  it('opens where an address of the operator points, and nothing beside it', () => {
    const policy = OutboundPolicy.publicOnly.opening('http://sso.internal:8180/realms/ml').opening('https://10.1.2.3').opening('https://[fd00::5]:8443');
    expect([policy.isOpened('sso.internal', 8180), policy.isOpened('sso.internal', 443), policy.isOpened('internal', 8180)]).toEqual([true, false, false]);
    expect([isAllowed(policy, '10.1.2.3'), isAllowed(policy, '10.1.2.4'), isAllowed(policy, 'fd00::5')]).toEqual([true, false, true]);
  });

  it('names the entry that it cannot read', () => {
    expect(() => OutboundPolicy.parse('10.0.0.0/8 https://x')).toThrow("'https://x'");
    expect(() => OutboundPolicy.parse('10.0.0.0/99')).toThrow("'10.0.0.0/99'");
  });
});
