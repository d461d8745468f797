/** A number for a table; a dash where nothing was measured. */
export const f = (number, digits = 1) => (number === undefined || Number.isNaN(number) ? '–' : number.toFixed(digits));

const times = (number) => (number === undefined ? '–' : `${number < 10 ? f(number, 1) : f(number, 0)}×`);

export const table = (heads, rows) => [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);

const comparison = [
  ...[
    'what',
    'ours /s',
    'peer /s',
    'throughput',
    'ours p50 ms',
    'peer p50 ms',
    'ours p99 ms',
    'peer p99 ms',
    'p99',
    'ours CPU s/1000',
    'peer CPU s/1000',
    'CPU',
  ],
];

/** Ours beside the peer. Each row is `{ name, ours, peer?, ratios? }` of medians. */
export function compared(rows) {
  return table(
    comparison,
    rows.map(({ name, ours, peer = {}, ratios = {} }) => [
      name,
      ...[f(ours.perSecond, ours.perSecond < 20 ? 1 : 0), f(peer.perSecond), `**${times(ratios.perSecond)}**`],
      ...[f(ours.p50), f(peer.p50), f(ours.p99), f(peer.p99, 0), times(ratios.p99)],
      ...[f(ours.cpu, 2), f(peer.cpu, 1), times(ratios.cpu)],
    ]),
  );
}

/** One line of progress per measurement, for whoever waits. */
export function told({ name, ours, peer, ratios }) {
  const beside = peer ? `, peer ${f(peer.perSecond)}/s: ${times(ratios.perSecond)}, p99 ${times(ratios.p99)}, CPU ${times(ratios.cpu)}` : '';
  return `${name}: ${f(ours.perSecond)}/s, p50 ${f(ours.p50)} ms, p99 ${f(ours.p99)} ms, CPU ${f(ours.cpu, 2)} s per 1,000${beside}`;
}
