import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { buildConnector } from 'undici';
import { OutboundError } from './outbound-error.js';
import type { OutboundPolicy } from './outbound-policy.js';

type Resolve = (hostname: string, options: LookupOptions, callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void;

const resolveAll: Resolve = (hostname, options, callback) =>
  systemLookup(hostname, { ...options, all: true }, (error, addresses) => callback(error, addresses ?? []));

/**
 * A `lookup` for sockets that refuses a name when any of its addresses may not be reached. The socket connects to the very address that was
 * checked, so a name that answers differently a moment later (DNS rebinding) gains nothing.
 */
export function guardedLookup(policy: OutboundPolicy, port: number, resolve: Resolve = resolveAll): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, options, (error, addresses) => {
      if (error) return callback(error, '', 4);
      try {
        for (const { address } of addresses) policy.assertAddress(address, hostname, port);
      } catch (refusal) {
        return callback(refusal as NodeJS.ErrnoException, '', 4);
      }
      const first = addresses[0];
      if (!first) return callback(new OutboundError('unreachable', `'${hostname}' has no address.`) as NodeJS.ErrnoException, '', 4);
      if (options.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

/** A connector for undici that applies {@link guardedLookup}, also to hosts that are numbers and need no look-up. */
export function guardedConnector(policy: OutboundPolicy, options: { timeoutMs: number; tls?: TlsOptions; resolve?: Resolve }): buildConnector.connector {
  return (request, callback) => {
    const hostname = request.hostname.replace(/^\[|\]$/g, '');
    const port = Number(request.port || (request.protocol === 'https:' ? 443 : 80));
    try {
      if (isIP(hostname) !== 0) policy.assertAddress(hostname, hostname, port);
    } catch (refusal) {
      callback(refusal as Error, null);
      return;
    }
    const connect = buildConnector({ timeout: options.timeoutMs, lookup: guardedLookup(policy, port, options.resolve), ...options.tls });
    connect(request, (...result) => {
      const [error, socket] = result;
      if (error || !socket) return callback(error ?? new Error('no socket'), null);
      // Belt and braces: whatever chose the address, the one we are connected to is the one that counts.
      const refusal = refusalOf(socket, policy, hostname, port);
      if (refusal) {
        socket.destroy();
        return callback(refusal, null);
      }
      return callback(null, socket);
    });
  };
}

export type TlsOptions = { ca?: string | Buffer; cert?: string | Buffer; key?: string | Buffer; rejectUnauthorized?: boolean };

export type GuardedAgents = { http: http.Agent; https: https.Agent };

/**
 * Agents for SDKs that speak through node's own http and https modules (AWS, Azure). Destroy them with the client that holds them.
 * A connection on which nothing moves for `idleTimeoutMs` (default 60 s) is an error: not every SDK limits that itself.
 */
export function guardedAgents(policy: OutboundPolicy, options: { tls?: TlsOptions; resolve?: Resolve; idleTimeoutMs?: number } = {}): GuardedAgents {
  const common = { keepAlive: true, maxSockets: 32, timeout: options.idleTimeoutMs ?? 60_000 };
  return {
    http: guard(new http.Agent(common), policy, options.resolve),
    https: guard(new https.Agent({ ...common, ...options.tls }), policy, options.resolve),
  };
}

type CreateConnection = (
  options: { host?: string; hostname?: string; port?: number | string; lookup?: LookupFunction },
  callback: (error: Error | null, socket?: Duplex) => void,
) => Duplex | undefined;

function guard<A extends http.Agent>(agent: A, policy: OutboundPolicy, resolve?: Resolve): A {
  // createConnection is documented for http.Agent but missing in the types of the agent classes.
  const open = agent as unknown as { createConnection: CreateConnection };
  const original = open.createConnection.bind(agent) as CreateConnection;
  open.createConnection = (options, callback) => {
    const hostname = (options.host ?? options.hostname ?? 'localhost').replace(/^\[|\]$/g, '');
    const port = Number(options.port ?? 80);
    try {
      if (isIP(hostname) !== 0) policy.assertAddress(hostname, hostname, port);
    } catch (refusal) {
      process.nextTick(callback, refusal as Error);
      return undefined;
    }
    const socket = original({ ...options, lookup: guardedLookup(policy, port, resolve) }, callback);
    socket?.once('timeout', () => socket.destroy(new OutboundError('timeout', `'${hostname}' stopped answering.`)));
    return socket;
  };
  return agent;
}

function refusalOf(socket: Socket, policy: OutboundPolicy, hostname: string, port: number): Error | undefined {
  if (socket.remoteAddress === undefined) return undefined;
  try {
    policy.assertAddress(socket.remoteAddress, hostname, port);
    return undefined;
  } catch (refusal) {
    return refusal as Error;
  }
}
