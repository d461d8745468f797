import { readFileSync } from 'node:fs';
import { Controller } from '@nestjs/common';
import { repositoryFile } from '#libs/boot/repository.js';
import type { ConnectorType } from '#libs/connectors/connector.js';
import { Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { ServiceConnectorTypeModel } from '#libs/wire/models/service-connector-type.js';
import type { InputOf } from '#libs/wire/operation.js';
import { serviceConnectors } from '#libs/wire/operations/service-connectors.js';

type KnownType = ServiceConnectorTypeModel & ConnectorType;

let types: KnownType[] | undefined;

/** The types of connectors that a server knows, with authentication methods and schemas, exported from the installed package. */
export function connectorTypes(): KnownType[] {
  types ??= JSON.parse(readFileSync(repositoryFile('apps/workspace-api/data/service-connector-types.json'), 'utf8')) as KnownType[];
  return types;
}

/** Undefined: a type of somebody's own, whose connectors are stored as they come. */
export function connectorType(name: string | null | undefined): KnownType | undefined {
  return connectorTypes().find((type) => type.connector_type === name);
}

/** A type in a request is its name or the whole description. */
export function typeName(type: string | { connector_type: string }): string {
  return typeof type === 'string' ? type : type.connector_type;
}

@Controller()
export class ConnectorTypeController {
  @Operation(serviceConnectors.list_service_connector_types, { login: 'a fixed list' })
  list(@Input() { query }: InputOf<typeof serviceConnectors.list_service_connector_types>) {
    return connectorTypes().filter(
      (type) =>
        (!query.connector_type || type.connector_type === query.connector_type) &&
        (!query.resource_type || type.resource_types.some((resource) => resource.resource_type === query.resource_type)) &&
        (!query.auth_method || type.auth_methods.some((method) => method.auth_method === query.auth_method)),
    );
  }

  @Operation(serviceConnectors.get_service_connector_type, { login: 'an entry of a fixed list' })
  get(@Input() { path }: InputOf<typeof serviceConnectors.get_service_connector_type>) {
    const type = connectorType(path.connector_type);
    if (!type) throw new Problem('not_found', `This server does not know service connectors of type '${path.connector_type}'.`);
    return type;
  }
}
