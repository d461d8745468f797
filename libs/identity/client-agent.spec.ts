import { parseClientAgent } from './client-agent.js';

const nothing = { hostname: null, zenmlVersion: null, pythonVersion: null, os: null };

describe('the User-Agent of a command line', () => {
  it('names its machine and versions', () => {
    expect(parseClientAgent('Host/vm ZenML/0.98.0 Python/3.11.7 OS/Linux')).toEqual({
      hostname: 'vm',
      zenmlVersion: '0.98.0',
      pythonVersion: '3.11.7',
      os: 'Linux',
    });
    expect(parseClientAgent("Host/Ada's MacBook Pro ZenML/0.98.0 OS/macOS Sonoma")).toEqual({
      hostname: "Ada's MacBook Pro",
      zenmlVersion: '0.98.0',
      pythonVersion: null,
      os: 'macOS Sonoma',
    });
  });

  it('may say nothing of the kind', () => {
    for (const agent of [undefined, '', 'Mozilla/5.0', 'python-requests/2.34.2', 'Host/', 'Host/ ZenML/']) expect(parseClientAgent(agent)).toEqual(nothing);
  });

  it('cannot smuggle in control characters or endless text', () => {
    expect(parseClientAgent('Host/a\u001b[2Jb\nc OS/Linux').hostname).toBe('a[2Jbc');
    expect(parseClientAgent(`Host/${'x'.repeat(100_000)} OS/Linux`).hostname).toHaveLength(255);
  });
});
