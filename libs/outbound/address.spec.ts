import fc from 'fast-check';
import { contains, isMetadataAddress, isPublicAddress, parseAddress, parseNetwork } from './address.js';

const address = (text: string) => {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error(`not an address: ${text}`);
  return parsed;
};

describe('addresses', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '3fff::1',
    '4000::1',
  ])('holds %s for closed', (text) => {
    expect(isPublicAddress(address(text))).toBe(false);
  });

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '192.0.3.1',
    '223.255.255.255',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '2001:4860:4860::8888',
    '2606:4700::1111',
    '[2606:4700::1111]',
  ])('holds %s for public', (text) => {
    expect(isPublicAddress(address(text))).toBe(true);
  });

  it('judges every IPv4 address the same in its v4-mapped spellings', () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        const plain = address(text);
        const hex = `::ffff:${(plain.value >> 16n).toString(16)}:${(plain.value & 0xffffn).toString(16)}`;
        const open = isPublicAddress(plain);
        expect(isPublicAddress(address(`::ffff:${text}`))).toBe(open);
        expect(isPublicAddress(address(hex))).toBe(open);
        expect(isPublicAddress(address(`0:0:0:0:0:FFFF:${hex.slice(7)}`))).toBe(open);
        expect(isMetadataAddress(address(`::ffff:${text}`))).toBe(isMetadataAddress(plain));
      }),
      { numRuns: 1000 },
    );
  });

  it('reads every spelling of an IPv6 address as the same number', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const { value } = address(text);
        const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(16 * (7 - index))) & 0xffffn).toString(16));
        expect(address(groups.join(':')).value).toBe(value);
        expect(
          address(
            groups
              .map((group) => group.padStart(4, '0'))
              .join(':')
              .toUpperCase(),
          ).value,
        ).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['example.com', '10.0.0', '1.2.3.4.5', '0x7f000001', '2130706433', '', ':::'])('takes %j for a name, not an address', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it('reads networks and single addresses, and nothing else', () => {
    const ten = parseNetwork('10.0.0.0/8');
    expect(ten && contains(ten, address('10.255.0.1'))).toBe(true);
    expect(ten && contains(ten, address('11.0.0.1'))).toBe(false);
    expect(ten && contains(ten, address('::1'))).toBe(false);
    expect(parseNetwork('::1')?.bits).toBe(128);
    for (const text of ['10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8/8', 'host/8', '10.0.0.0/']) expect(parseNetwork(text)).toBeUndefined();
  });
});
