import { expandShare } from './sharing.js';

describe('sharing', () => {
  it('lets readers of secrets and connectors use them', () => {
    expect(expandShare('secret', ['read', 'update'])).toEqual(['read', 'read_secret_value', 'update']);
    expect(expandShare('service_connector', ['read'])).toEqual(['client', 'read', 'read_secret_value']);
  });
  it('adds nothing elsewhere', () => {
    expect(expandShare('stack', ['read'])).toEqual(['read']);
    expect(expandShare('secret', ['update'])).toEqual(['update']);
    expect(expandShare('secret', [])).toEqual([]);
  });
});
