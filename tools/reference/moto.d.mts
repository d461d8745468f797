export declare function startMoto(options?: { port?: number }): Promise<{
  url: string;
  stop: () => Promise<void>;
  log: () => string;
}>;
