/** The version of the control plane's interface that is spoken here. */
export const cloudVersion = '0.13.15';

/** The ZenML version whose wire the workspaces of this installation speak. */
export const servedVersion = '0.98.0';
