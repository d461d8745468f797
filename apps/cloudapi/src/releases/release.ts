import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '#libs/http/operation.js';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { str } from '#libs/wire/types.js';
import { CloudInstallation } from '../installation.js';
import { cloudVersion, servedVersion } from '../version.js';

const releases = {
  list: operation({
    id: 'list_releases',
    tag: 'releases',
    method: 'get',
    path: '/releases',
    response: z.array(model('CloudRelease', z.object({ version: str(), is_current: z.boolean(), workspace_type: str() }))),
    errors: [401],
  }),
  info: operation({
    id: 'server_info',
    tag: 'server',
    method: 'get',
    path: '/server/info',
    response: model('CloudServerInfo', z.object({ version: str(), zenml_version: str(), url: str() })),
    errors: [],
    public: true,
  }),
};

@Controller()
export class ReleaseController {
  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  /** Workspaces of ours are all of one version: this program's. */
  @Operation(releases.list, { login: 'the same for everybody' })
  list() {
    return [{ version: servedVersion, is_current: true, workspace_type: 'zenml' }];
  }

  @Operation(releases.info, { public: 'clients ask before they log in' })
  info() {
    return { version: cloudVersion, zenml_version: servedVersion, url: this.installation.cloudUrl };
  }
}
