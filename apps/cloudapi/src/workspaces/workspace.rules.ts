import { purgeStages } from '#libs/control-plane/workspace-host.js';
import { Problem } from '#libs/http/problem.js';

const separator = '~';

/** The name a deleted workspace is kept under, so that its own is free at once. Names given by people cannot contain the separator. */
export function nameWhenDeleted(name: string, slug: string): string {
  return `${name}${separator}${slug}`;
}

/** The name as people know it, of a deleted workspace too. */
export function nameAsGiven(stored: string): string {
  const at = stored.indexOf(separator);
  return at < 0 ? stored : stored.slice(0, at);
}

export type LifecycleState = { status: string; desiredState: string; isManaged: boolean; hasReported: boolean };
export type LifecycleChange = { status: string; desiredState: string; stateReason: string };

/** How a workspace comes to life (again): ours is set up, an attached one waits for its server unless that has reported before. */
export function afterDeploy(state: LifecycleState): LifecycleChange {
  if (state.status === 'deleted') throw new Problem('exists', 'The workspace is deleted. Restore it first.');
  if (state.status === 'available') return { status: 'available', desiredState: 'available', stateReason: '' };
  const status = state.isManaged ? 'pending' : state.hasReported ? 'available' : 'not_initialized';
  return { status, desiredState: 'available', stateReason: '' };
}

export function afterDeactivate(state: LifecycleState): LifecycleChange {
  if (state.status === 'deleted') throw new Problem('exists', 'The workspace is deleted. Restore it first.');
  return { status: 'deactivated', desiredState: 'deactivated', stateReason: '' };
}

/** Whether a deleted workspace is still whole: its time is not over, and nobody has begun to remove it. */
export function isRestorable({ purgeAfter, stateReason }: { purgeAfter: Date | null; stateReason: string }, nowMs: number): boolean {
  const isBeingRemoved = stateReason === purgeStages.removing || stateReason === purgeStages.removed;
  return !isBeingRemoved && purgeAfter !== null && purgeAfter.getTime() > nowMs;
}

/** An attached server's report: it is up. A workspace that somebody deactivated stays so. */
export function afterReport(state: LifecycleState): Pick<LifecycleChange, 'status'> {
  return { status: state.status === 'deactivated' ? 'deactivated' : 'available' };
}

/** @throws Problem 400 when a release is older than the one in use: databases do not migrate backwards. Names of builds are not compared. */
export function assertNotOlder(wanted: string | null | undefined, current: string): void {
  const a = releaseOf(wanted ?? '');
  const b = releaseOf(current);
  if (!a || !b) return;
  for (let i = 0; i < 3; i++) {
    if (a[i] === b[i]) continue;
    if ((a[i] as number) < (b[i] as number))
      throw new Problem('invalid', `The release ${wanted} is older than the current one (${current}); workspaces cannot go back.`);
    return;
  }
}

function releaseOf(text: string): number[] | null {
  const found = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(text);
  return found ? found.slice(1).map(Number) : null;
}
