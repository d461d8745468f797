import { Controller, Inject } from '@nestjs/common';
import { NotAuthorized } from '#libs/control-plane/control-plane.js';
import { CurrentCaller, Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { credentialsNotValid, Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { ApiKeyService, type KeyHolder } from '../api-keys/api-key.service.js';
import { presented } from '../authenticator.js';
import { Caller } from '../caller.js';
import { CloudInstallation, platform } from '../installation.js';
import { authorizeServer, me } from './me.wire.js';
import { userFields, userReply } from './user.js';

const own = { login: "one's own record" };

/** Who one is, one's own keys, and the question of workspace servers who somebody is. */
@Controller()
export class MeController {
  constructor(
    @Inject(CloudInstallation) private readonly installation: CloudInstallation,
    private readonly keys: ApiKeyService,
  ) {}

  @Operation(me.get, own)
  async get(@CurrentCaller() caller: Caller) {
    const { id } = caller.requirePerson();
    return userReply(await this.installation.prisma.tx(platform, (tx) => tx.cloudUser.findUniqueOrThrow({ where: { id }, select: userFields })));
  }

  @Operation(authorizeServer, { guarded: 'being a member of the workspace' }, { limit: 'none' })
  async authorizeServer(@Input() { query }: InputOf<typeof authorizeServer>, @Http() { request }: HttpExchange) {
    const sent = presented(request);
    try {
      return (await this.installation.controlPlane.authorize(sent?.text ?? '', query.server_id)).user;
    } catch (error) {
      if (!(error instanceof NotAuthorized)) throw error;
      if (error.because === 'credential') throw credentialsNotValid(error.message, error);
      throw new Problem(error.because === 'workspace' ? 'not_found' : 'forbidden', error.message, { cause: error });
    }
  }

  @Operation(me.keys.list, own)
  listKeys(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof me.keys.list>) {
    return this.keys.list(holderOf(caller), query);
  }

  @Operation(me.keys.create, own)
  createKey(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof me.keys.create>) {
    return this.keys.create(caller, holderOf(caller, 'mint'), body);
  }

  @Operation(me.keys.get, own)
  getKey(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof me.keys.get>) {
    return this.keys.get(holderOf(caller), path.api_key_id);
  }

  @Operation(me.keys.update, own)
  updateKey(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof me.keys.update>) {
    return this.keys.update(caller, holderOf(caller), path.api_key_id, body);
  }

  @Operation(me.keys.rotate, own)
  rotateKey(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof me.keys.rotate>) {
    return this.keys.rotate(caller, holderOf(caller), path.api_key_id, body?.retain_period_minutes ?? 0);
  }

  @Operation(me.keys.rotate_by_post, own)
  rotateKeyByPost(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof me.keys.rotate_by_post>) {
    return this.keys.rotate(caller, holderOf(caller), path.api_key_id, body?.retain_period_minutes ?? 0);
  }

  @Operation(me.keys.delete, own)
  deleteKey(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof me.keys.delete>) {
    return this.keys.delete(caller, holderOf(caller), path.api_key_id);
  }
}

function holderOf(caller: Caller, purpose: 'mint' | 'manage' = 'manage'): KeyHolder {
  const person = caller.requirePerson();
  // A leaked key of a service account could otherwise make itself another one that outlives its revocation.
  if (person.isServiceAccount && purpose === 'mint') throw new Problem('forbidden', 'Keys of service accounts are made by people who manage the organization.');
  return { userId: person.id, username: person.username, organizationId: person.organizationId, scope: platform };
}
