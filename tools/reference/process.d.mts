export function freePort(): Promise<number>;
export function startProcess(
  command: string,
  args: readonly string[],
  options: { env?: Record<string, string | undefined>; cwd?: string; probe: string; timeoutMs?: number },
): Promise<{ pid: number; stop: () => Promise<void>; log: () => string }>;
