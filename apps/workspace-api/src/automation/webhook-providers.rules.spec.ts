import { createHmac } from 'node:crypto';
import { BadPayload, NotAuthentic, webhookProvider } from './webhook-providers.rules.js';

const now = 1_700_000_000_000;
const secret = 'It is a secret';
const sign = (text: string) => createHmac('sha256', secret).update(text).digest('hex');
const provider = (type: string) => webhookProvider(type) ?? fail(type);
function fail(type: string): never {
  throw new Error(`no provider ${type}`);
}

it.each([
  ['custom', (text: string) => ({ 'x-zenml-signature-256': `sha256=${sign(text)}` })],
  ['github', (text: string) => ({ 'x-hub-signature-256': `sha256=${sign(text)}` })],
  ['clickup', (text: string) => ({ 'x-signature': sign(text).toUpperCase() })],
  ['slack', (text: string) => ({ 'x-slack-request-timestamp': '1700000000', 'x-slack-signature': `v0=${sign(`v0:1700000000:${text}`)}` })],
])('takes what %s signed, and nothing that was changed afterwards', (type, headersFor) => {
  const headers = headersFor('{"a":1}');
  expect(() => provider(type).authenticate(Buffer.from('{"a":1}'), headers, secret, now)).not.toThrow();
  expect(() => provider(type).authenticate(Buffer.from('{"a":2}'), headers, secret, now)).toThrow(NotAuthentic);
  expect(() => provider(type).authenticate(Buffer.from('{"a":1}'), headers, 'another', now)).toThrow(NotAuthentic);
  expect(() => provider(type).authenticate(Buffer.from('{"a":1}'), {}, secret, now)).toThrow(NotAuthentic);
});

it('agrees with the example that GitHub publishes', () => {
  const headers = { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' };
  expect(() => provider('github').authenticate(Buffer.from('Hello, World!'), headers, "It's a Secret to Everybody", now)).not.toThrow();
});

it('takes nothing from Slack that is older than five minutes', () => {
  const headers = { 'x-slack-request-timestamp': '1699999699', 'x-slack-signature': `v0=${sign('v0:1699999699:{}')}` };
  expect(() => provider('slack').authenticate(Buffer.from('{}'), headers, secret, now)).toThrow(/too far from now/);
});

it('names a delivery of ClickUp by what it reports, in any order', () => {
  const body = Buffer.from(JSON.stringify({ event: 'taskCreated', webhook_id: 'w', history_items: [{ id: 'b' }, { id: 'a' }, {}] }));
  expect(provider('clickup').parse(body, {}).event).toMatchObject({ type: 'taskCreated', deliveryId: 'w:a,b' });
});

it.each([
  ['custom', '{}', {}],
  ['custom', 'null', { 'x-zenml-event': 'a' }],
  ['custom', '\u{fffd}{', { 'x-zenml-event': 'a' }],
  ['clickup', '{"event":"taskCreated"}', {}],
  ['slack', '{"type":"event_callback","event":{"type":"message"}}', {}],
  ['slack', '{"type":"url_verification"}', {}],
  ['slack', '{"type":"nope"}', {}],
])('refuses from %s the body %s', (type, body, headers) => {
  expect(() => provider(type).parse(Buffer.from(body), headers)).toThrow(BadPayload);
});

it.each(['nope', 'constructor', '__proto__'])('knows no provider %s', (type) => {
  expect(webhookProvider(type)).toBeNull();
});
