import { ColorVariants } from '#libs/wire/models/enums.js';

/** A tag as requests name it: a name, an id, or a name with what to create it with. */
export type NamedTag = { name: string; color?: string | null; exclusive?: boolean | null; cascade?: boolean | null };

/** Exclusive tags live on these types; within one scope (same pipeline, same artifact) only one resource carries such a tag. */
export const exclusiveScopes: Readonly<Record<string, { from: string; scope: string }>> = {
  pipeline_run: { from: 'workspace.pipeline_run x', scope: 'x.pipeline_id' },
  artifact_version: { from: 'workspace.artifact_version x', scope: 'x.artifact_id' },
  run_template: {
    from: 'workspace.run_template x JOIN workspace.pipeline_snapshot s ON s.workspace_id = x.workspace_id AND s.id = x.source_snapshot_id',
    scope: 's.pipeline_id',
  },
  pipeline_snapshot: { from: 'workspace.pipeline_snapshot x', scope: 'x.pipeline_id' },
  deployment: {
    from: 'workspace.deployment x JOIN workspace.pipeline_snapshot s ON s.workspace_id = x.workspace_id AND s.id = x.snapshot_id',
    scope: 's.pipeline_id',
  },
};

/** A tag that nobody gave a colour gets any. */
export function anyColor(): string {
  const colors = ColorVariants.options;
  return colors[Math.floor(Math.random() * colors.length)] as string;
}

/** Items by what `key` says of them, in order of first appearance. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
