import { newSigningSecret, signedHeaders } from './signature.js';

describe('the signature of a webhook', () => {
  it('is the one that the example of Standard Webhooks has', () => {
    const headers = signedHeaders(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_500, '{"test": 2432232314}');
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is made with every secret that is still good', () => {
    const [old, current] = [newSigningSecret(), newSigningSecret()];
    const both = signedHeaders([current, old], 'id', 0, 'body')['webhook-signature'];
    expect(both).toBe([current, old].map((one) => signedHeaders([one], 'id', 0, 'body')['webhook-signature']).join(' '));
    expect(Buffer.from(old.slice('whsec_'.length), 'base64')).toHaveLength(32);
  });
});
