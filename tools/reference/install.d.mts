export declare const REFERENCE_VERSION: string;
export declare function referenceHome(): string;
export declare function installReference(): Promise<{
  home: string;
  venv: string;
  python: string;
  openapi: string;
  version: string;
}>;
export declare function installConnectorTypes(): Promise<{ venv: string; python: string }>;
export declare function installMoto(): Promise<{ venv: string; python: string }>;
