import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type ReportedEvent, WebhookEvent } from './webhook-matching.rules.js';

type Golden = {
  cases: { webhook_type: string; event: ReportedEvent; configurations: Record<string, unknown>[]; matches: number[]; told: Record<string, unknown> | null }[];
};

/** Computed by the installed package: tools/reference/golden/webhook-matching.py. */
const golden: Golden = JSON.parse(readFileSync(path.join(__dirname, '../../../../test/golden/webhook-matching.json'), 'utf8'));

describe('an event of a webhook', () => {
  it.each(golden.cases.map((one, index) => [`${index}: ${one.webhook_type} ${one.event.type}`, one] as const))(
    'is wanted by the triggers of the original, and told as there: %s',
    (_, { webhook_type, event, configurations, matches, told }) => {
      const meant = new WebhookEvent(webhook_type, event);
      expect(configurations.flatMap((one, index) => (meant.isWantedBy(one) ? [index] : []))).toEqual(matches);
      expect(meant.semantic?.fields ?? null).toEqual(told);
    },
  );
});
