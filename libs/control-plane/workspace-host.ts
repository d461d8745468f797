/** What the control plane asks of whoever serves workspaces. It has no rights on their rows itself. */
export interface WorkspaceHost {
  /** Everything a new workspace starts with. Safe to repeat. */
  provision(workspace: { id: string; name: string }): Promise<void>;
}
