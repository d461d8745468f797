import { randomBytes } from 'node:crypto';
import { MasterKeys } from '#libs/crypto/master-key.js';
import { DownloadTokens } from './download-token.js';

describe('a download token', () => {
  let now = Date.UTC(2026, 0, 1);
  const tokens = new DownloadTokens(new MasterKeys([randomBytes(32)]), () => now);
  const workspace = '11111111-1111-4111-8111-111111111111';
  const download = { type: 'artifact_version', id: '22222222-2222-4222-8222-222222222222' } as const;

  it('opens the download it was made for', () => {
    expect(() => tokens.verify(tokens.sign(workspace, download, 'somebody'), workspace, download)).not.toThrow();
  });

  it('opens no other download, and nothing in another workspace', () => {
    const token = tokens.sign(workspace, download, 'somebody');
    expect(() => tokens.verify(token, workspace, { ...download, id: workspace })).toThrow('another');
    expect(() => tokens.verify(token, workspace, { ...download, type: 'step_run_logs' })).toThrow('another');
    expect(() => tokens.verify(token, '33333333-3333-4333-8333-333333333333', download)).toThrow('not issued here');
  });

  it('ends after half a minute', () => {
    const token = tokens.sign(workspace, download, 'somebody');
    now += 41_000;
    expect(() => tokens.verify(token, workspace, download)).toThrow('expired');
  });
});
