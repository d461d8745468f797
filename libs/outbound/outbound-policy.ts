import { type Address, contains, embeddedIpv4, isMetadataAddress, isPublicAddress, type Network, parseAddress, parseNetwork } from './address.js';
import { OutboundError } from './outbound-error.js';

type AllowedHost = { host: string; isSuffix: boolean; port?: number };

/**
 * Which addresses requests to user-given URLs may reach beside the public internet. Operators of a private network open theirs with
 * `OUTBOUND_ALLOW`; without it nothing but public addresses is reachable.
 */
export class OutboundPolicy {
  private readonly networks: readonly Network[];
  private readonly hosts: readonly AllowedHost[];

  private constructor(networks: readonly Network[], hosts: readonly AllowedHost[]) {
    this.networks = networks;
    this.hosts = hosts;
  }

  static readonly publicOnly = new OutboundPolicy([], []);

  /**
   * Reads a comma or space separated list of networks (`10.0.0.0/8`, `fd12::/16`), addresses, hosts (`minio.internal`), hosts with a port
   * (`vault.internal:8200`) and suffixes (`*.corp.example`). Throws a TypeError that names the entry it cannot read.
   */
  static parse(text: string): OutboundPolicy {
    const networks: Network[] = [];
    const hosts: AllowedHost[] = [];
    for (const entry of text.split(/[\s,]+/).filter((part) => part !== '')) {
      const network = parseNetwork(entry);
      if (network) {
        networks.push(network);
        continue;
      }
      const match = /^(\*\.)?([a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?)(?::(\d{1,5}))?$/i.exec(entry);
      if (!match?.[2] || entry.includes('/')) {
        throw new TypeError(`OUTBOUND_ALLOW: '${entry}' is neither a network (10.0.0.0/8) nor a host (minio.internal, *.corp.example, vault.internal:8200).`);
      }
      hosts.push({
        host: match[2].toLowerCase(),
        isSuffix: match[1] !== undefined,
        port: match[4] === undefined ? undefined : Number(match[4]),
      });
    }
    return new OutboundPolicy(networks, hosts);
  }

  /** The same policy that also opens where an address of the operator's own points: its host at its port, or its numeric address. */
  opening(address: string): OutboundPolicy {
    const { hostname, port, protocol } = new URL(address);
    const network = parseNetwork(hostname.replace(/^\[|\]$/g, ''));
    if (network) return new OutboundPolicy([...this.networks, network], this.hosts);
    const host = { host: hostname.toLowerCase(), isSuffix: false, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
    return new OutboundPolicy(this.networks, [...this.hosts, host]);
  }

  /** True when the operator opened this host by name. Its addresses are then not checked, metadata services excepted. */
  isHostAllowed(hostname: string, port: number): boolean {
    const name = hostname.toLowerCase().replace(/\.$/, '');
    return this.hosts.some(({ host, isSuffix, port: only }) => (isSuffix ? name.endsWith(`.${host}`) : name === host) && (only === undefined || only === port));
  }

  isAddressAllowed(address: Address): boolean {
    const plain = embeddedIpv4(address) ?? address;
    const opening = this.networks.filter((network) => contains(network, plain));
    if (isMetadataAddress(plain)) return opening.some((network) => network.bits === (network.version === 4 ? 32 : 128));
    return opening.length > 0 || isPublicAddress(plain);
  }

  /** Throws unless `address`, which `hostname` resolved to, may be connected to. The answer names the host and not the address. */
  assertAddress(address: string, hostname: string, port: number): void {
    const parsed = parseAddress(address);
    if (parsed && this.isHostAllowed(hostname, port) && !isMetadataAddress(parsed)) return;
    if (parsed && this.isAddressAllowed(parsed)) return;
    throw new OutboundError(
      'forbidden',
      `'${hostname}' is not a public address. Ask the operator of this server to add it to OUTBOUND_ALLOW if it should be reachable from here.`,
    );
  }

  /** True when `hostname` is opened by the operator, by name or, for a numeric one, by network. */
  isOpened(hostname: string, port: number): boolean {
    const address = parseAddress(hostname);
    if (!address) return this.isHostAllowed(hostname, port);
    const plain = embeddedIpv4(address) ?? address;
    return this.networks.some((network) => contains(network, plain));
  }
}
