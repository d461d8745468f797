import { isIP, isIPv4, isIPv6 } from 'node:net';

/** An IPv4 address as 32 bits or an IPv6 address as 128 bits. */
export type Address = { version: 4 | 6; value: bigint };

/** A network in CIDR notation; `bits` counts leading bits. */
export type Network = { version: 4 | 6; value: bigint; bits: number };

/** Reads a numeric address, with or without the brackets of a URL and the zone of a link-local address; undefined for a name. */
export function parseAddress(text: string): Address | undefined {
  const bare = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (isIPv4(bare)) return { version: 4, value: ipv4Value(bare) };
  if (isIPv6(bare)) return { version: 6, value: ipv6Value(bare) };
  return undefined;
}

/** Reads `10.0.0.0/8`, `fd00::/8` or a single address; undefined when it is neither. */
export function parseNetwork(text: string): Network | undefined {
  const [host, suffix, ...rest] = text.split('/');
  if (host === undefined || rest.length > 0 || isIP(host) === 0) return undefined;
  const address = parseAddress(host);
  if (!address) return undefined;
  const width = address.version === 4 ? 32 : 128;
  if (suffix === undefined) return { ...address, bits: width };
  if (!/^\d{1,3}$/.test(suffix) || Number(suffix) > width) return undefined;
  return { ...address, bits: Number(suffix) };
}

export function contains(network: Network, address: Address): boolean {
  if (network.version !== address.version) return false;
  const shift = BigInt((network.version === 4 ? 32 : 128) - network.bits);
  return network.value >> shift === address.value >> shift;
}

/**
 * The IPv4 address that an IPv6 spelling stands for: v4-mapped (::ffff:a.b.c.d) and the well-known NAT64 prefix (64:ff9b::/96).
 * Other embeddings (6to4, Teredo, v4-compatible) are refused as such and need no unwrapping.
 */
export function embeddedIpv4(address: Address): Address | undefined {
  if (address.version !== 6) return undefined;
  const prefix = address.value >> 32n;
  if (prefix === 0xffffn || prefix === 0x0064_ff9b_0000_0000_0000_0000n) return { version: 4, value: address.value & 0xffff_ffffn };
  return undefined;
}

/**
 * True for addresses of the public internet only. IANA's special-purpose registries (IPv4 and IPv6) name the closed ranges;
 * of IPv6 everything outside 2000::/3 is closed, so a range that is assigned tomorrow is closed too.
 */
export function isPublicAddress(address: Address): boolean {
  const embedded = embeddedIpv4(address);
  if (embedded) return isPublicAddress(embedded);
  if (address.version === 4) return !CLOSED_IPV4.some((network) => contains(network, address));
  return contains(GLOBAL_UNICAST, address) && !CLOSED_IPV6.some((network) => contains(network, address));
}

/** Cloud metadata services hand credentials to whoever asks; a wide allow-list entry does not open them, only their exact address does. */
export function isMetadataAddress(address: Address): boolean {
  const plain = embeddedIpv4(address) ?? address;
  return METADATA.some((network) => contains(network, plain));
}

const CLOSED_IPV4 = networks(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Azure's host agent answers on a public address.
  '168.63.129.16/32',
);
const GLOBAL_UNICAST = network('2000::/3');
// Teredo and its neighbours, documentation, 6to4 and the second documentation range.
const CLOSED_IPV6 = networks('2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20');
const METADATA = networks(
  '169.254.169.254/32',
  '169.254.170.2/32',
  '169.254.170.23/32',
  'fd00:ec2::254/128',
  'fd00:ec2::23/128',
  '100.100.100.200/32',
  '192.0.0.192/32',
  '168.63.129.16/32',
);

function network(text: string): Network {
  const parsed = parseNetwork(text);
  if (!parsed) throw new Error(`not a network: ${text}`);
  return parsed;
}

function networks(...texts: string[]): Network[] {
  return texts.map(network);
}

function ipv4Value(text: string): bigint {
  return text.split('.').reduce((value, part) => (value << 8n) | BigInt(Number(part)), 0n);
}

function ipv6Value(text: string): bigint {
  // A trailing dotted quad is two groups written in decimal.
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const plain = dotted ? `${dotted[1]}${groupsOfIpv4(dotted[2] ?? '')}` : text;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

function groupsOfIpv4(text: string): string {
  const value = ipv4Value(text);
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}
