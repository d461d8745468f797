/** What the control plane asks of whoever serves workspaces. It has no rights on their rows itself. */
export interface WorkspaceHost {
  /** Everything a new workspace starts with. Safe to repeat. */
  provision(workspace: { id: string; name: string }): Promise<void>;
  /**
   * Removes every row and file of a deleted workspace, in small steps. Safe to repeat: what was interrupted goes on where it was.
   * @returns whether nothing is left; false when `signal` stopped it before
   */
  purge(workspaceId: string, signal: AbortSignal): Promise<boolean>;
}

/**
 * How far the removal of a deleted workspace has come, as its `state_reason` says. The first ends every chance to restore it; the second is set by
 * whoever serves workspaces, and tells the control plane, perhaps in another process, that only its own rows are left.
 */
export const purgeStages = { removing: 'Being removed.', removed: 'Removed but for its record.' } as const;
