import { createHash } from 'node:crypto';
import { type ExecutionContext, HttpException, Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail, type ThrottlerModuleOptions, type ThrottlerRequest } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

export type Limits = {
  /** Requests a minute for one person or machine; null switches limits off. */
  perPrincipal: number | null;
  /** Requests a minute for one tenant. */
  perTenant: number | null;
  /** Sign-in attempts a minute from one address. */
  signIn: number | null;
};

export const defaultLimits: Limits = { perPrincipal: 3_000, perTenant: 30_000, signIn: 60 };

/** `RATE_LIMIT`: `off`, or `<per principal>[,<per tenant>[,<sign-ins per address>]]` a minute. */
export function parseLimits(text: string | undefined): Limits {
  if (!text) return defaultLimits;
  if (text === 'off') return { perPrincipal: null, perTenant: null, signIn: null };
  const numbers = text.split(',').map(Number);
  if (numbers.length > 3 || numbers.some((number) => !Number.isInteger(number) || number < 1))
    throw new Error("must be 'off' or up to three whole numbers: per principal, per tenant, sign-ins per address");
  return {
    perPrincipal: numbers[0] ?? defaultLimits.perPrincipal,
    perTenant: numbers[1] ?? defaultLimits.perTenant,
    signIn: numbers[2] ?? defaultLimits.signIn,
  };
}

/** The three budgets as named throttlers; which of them a request draws from is decided per operation. */
export function throttlers(limits: Limits): { name: string; limit: number; ttl: number }[] {
  const minute = 60_000;
  return [
    { name: 'principal', limit: limits.perPrincipal, ttl: minute },
    { name: 'tenant', limit: limits.perTenant, ttl: minute },
    { name: 'sign_in', limit: limits.signIn, ttl: minute },
  ].filter((one): one is { name: string; limit: number; ttl: number } => one.limit !== null);
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The budget that the request draws from just now. */
    throttler?: string | undefined;
  }
}

/** Counts per principal, per tenant, and per address for sign-in. Runs after the operation guard, so the caller is known. */
@Injectable()
export class LimitGuard extends ThrottlerGuard {
  static options(limits: Limits): ThrottlerModuleOptions {
    return { throttlers: throttlers(limits), setHeaders: true };
  }

  protected override async handleRequest(request: ThrottlerRequest): Promise<boolean> {
    const http = request.context.switchToHttp().getRequest<FastifyRequest>();
    const limit = http.operation?.options.limit ?? 'default';
    const name = request.throttler.name;
    http.throttler = name;
    if (limit === 'none') return true;
    if (limit === 'sign_in') return name === 'sign_in' ? super.handleRequest(request) : true;
    if (name === 'sign_in' || !http.caller) return true;
    return super.handleRequest(request);
  }

  protected override async getTracker(request: FastifyRequest & { throttlerName?: string }): Promise<string> {
    return request.caller?.principal ?? request.ip;
  }

  protected override generateKey(context: ExecutionContext, tracker: string, name: string): string {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const who = name === 'tenant' ? (request.caller?.tenant ?? '') : tracker;
    return createHash('sha1').update(`${name}:${who}`).digest('base64url');
  }

  protected override async throwThrottlingException(context: ExecutionContext, detail: ThrottlerLimitDetail): Promise<void> {
    if (context.getType() !== 'http') throw new HttpException('Too many requests', 429);
    const seconds = Math.max(1, Math.ceil(detail.timeToBlockExpire || detail.timeToExpire));
    const { throttler = '' } = context.switchToHttp().getRequest<FastifyRequest>();
    const budget = { Limit: detail.limit, Remaining: 0, Reset: seconds };
    const headers = Object.fromEntries(Object.entries(budget).map(([what, value]) => [`${this.headerPrefix}-${what}-${throttler}`, String(value)]));
    throw new Problem('busy', `Too many requests. Try again in ${seconds} seconds.`, { headers: { ...headers, 'Retry-After': String(seconds) } });
  }
}
