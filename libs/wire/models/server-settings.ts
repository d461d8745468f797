import { z } from 'zod';
import { model } from '../registry.js';
import { bool, datetime, orNull, str, uuid } from '../types.js';

export const ServerActivationRequest = model(
  'ServerActivationRequest',
  z.object({
    server_name: str().nullish(),
    logo_url: str().nullish(),
    enable_analytics: bool().nullish(),
    display_announcements: bool().nullish(),
    display_updates: bool().nullish(),
    admin_username: str().nullish(),
    admin_password: str().nullish(),
  }),
);
export type ServerActivationRequest = z.infer<typeof ServerActivationRequest>;

export const ServerSettingsResponseBody = model(
  'ServerSettingsResponseBody',
  z.object({
    server_id: uuid(),
    server_name: str(),
    logo_url: orNull(str()),
    active: bool(),
    enable_analytics: bool(),
    display_announcements: bool().nullable(),
    display_updates: bool().nullable(),
    last_user_activity: datetime(),
    updated: datetime(),
  }),
);
export type ServerSettingsResponseBody = z.infer<typeof ServerSettingsResponseBody>;

export const ServerSettingsResponseMetadata = model('ServerSettingsResponseMetadata', z.object({}));
export type ServerSettingsResponseMetadata = z.infer<typeof ServerSettingsResponseMetadata>;

export const ServerSettingsResponseResources = model('ServerSettingsResponseResources', z.looseObject({}));
export type ServerSettingsResponseResources = z.infer<typeof ServerSettingsResponseResources>;

export const ServerSettingsResponse = model(
  'ServerSettingsResponse',
  z.object({
    body: orNull(ServerSettingsResponseBody),
    metadata: orNull(ServerSettingsResponseMetadata),
    resources: orNull(ServerSettingsResponseResources),
  }),
);
export type ServerSettingsResponse = z.infer<typeof ServerSettingsResponse>;

export const ServerSettingsUpdate = model(
  'ServerSettingsUpdate',
  z.object({
    server_name: str().nullish(),
    logo_url: str().nullish(),
    enable_analytics: bool().nullish(),
    display_announcements: bool().nullish(),
    display_updates: bool().nullish(),
  }),
);
export type ServerSettingsUpdate = z.infer<typeof ServerSettingsUpdate>;
