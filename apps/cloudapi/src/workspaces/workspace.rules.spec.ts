import { afterDeactivate, afterDeploy, afterReport, assertNotOlder, nameAsGiven, nameWhenDeleted } from './workspace.rules.js';

const state = (status: string, more = {}) => ({ status, desiredState: 'available', isManaged: true, hasReported: false, ...more });

describe('the life of a workspace', () => {
  it('is set up again after it was deactivated or failed', () => {
    for (const status of ['deactivated', 'failed', 'not_initialized']) expect(afterDeploy(state(status)).status).toBe('pending');
    expect(afterDeploy(state('available')).status).toBe('available');
  });

  it('waits for the server of an attached one, unless that has reported before', () => {
    expect(afterDeploy(state('deactivated', { isManaged: false })).status).toBe('not_initialized');
    expect(afterDeploy(state('deactivated', { isManaged: false, hasReported: true })).status).toBe('available');
  });

  it('does not go on after deletion without being restored', () => {
    for (const next of [afterDeploy, afterDeactivate]) expect(() => next(state('deleted'))).toThrow('Restore it first');
  });

  it('becomes available when its server reports, but stays deactivated', () => {
    for (const status of ['not_initialized', 'pending', 'failed', 'available']) expect(afterReport(state(status)).status).toBe('available');
    expect(afterReport(state('deactivated')).status).toBe('deactivated');
  });

  it('gives its name free when deleted, and gets it back', () => {
    const stored = nameWhenDeleted('my dev', '22222222');
    expect(stored).not.toBe('my dev');
    expect(nameAsGiven(stored)).toBe('my dev');
    expect(nameAsGiven('my dev')).toBe('my dev');
  });

  it('never goes back to an older release, and does not compare names of builds', () => {
    expect(() => assertNotOlder('0.97.3', '0.98.0')).toThrow('older');
    expect(() => assertNotOlder('v0.9.0', '0.98.0')).toThrow('older');
    for (const wanted of ['0.98.0', '0.98.1', '1.0.0', 'ci-build', null, undefined]) expect(() => assertNotOlder(wanted, '0.98.0')).not.toThrow();
  });
});
