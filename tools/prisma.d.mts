export function prisma(args: string[], options?: { quiet?: boolean; env?: Record<string, string> }): Promise<{ code: number; output: string }>;
