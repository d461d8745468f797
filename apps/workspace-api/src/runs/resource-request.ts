import { Controller } from '@nestjs/common';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { resourceRequests } from '#libs/wire/operations/resource-requests.js';

const anybody = { login: 'there is nothing to see: the server has no resource pools' };

/** Steps wait for shared hardware only where a server manages pools of it; this one does not, as the original without that plug-in. */
@Controller()
export class ResourceRequestController {
  @Operation(resourceRequests.list_resource_requests, anybody)
  list(): never {
    throw noPools();
  }

  @Operation(resourceRequests.get_resource_request, anybody)
  get(): never {
    throw noPools();
  }

  @Operation(resourceRequests.renew_resource_request, anybody)
  renew(): never {
    throw noPools();
  }

  @Operation(resourceRequests.release_resource_request, anybody)
  release(): never {
    throw noPools();
  }
}

function noPools(): Problem {
  return new Problem('not_implemented', 'This server manages no resource pools, so there are no resource requests.');
}
