/** `from` refers to `to`; `isLoose` when deleting the target only empties the reference. */
export type Reference = { from: string; to: string; isLoose: boolean };

/**
 * Tables in an order in which they can be emptied: whoever refers comes before what is referred to, so that no batch drags an unbounded number of other
 * rows along. Where tables refer to each other, the references that would only be emptied give way.
 */
export function deletionOrder(tables: readonly string[], references: readonly Reference[]): string[] {
  const left = new Set(tables);
  const order: string[] = [];
  const isFree = (table: string, counts: (one: Reference) => boolean) =>
    !references.some((one) => one.to === table && one.from !== table && left.has(one.from) && counts(one));
  while (left.size > 0) {
    const all = [...left].sort();
    const next = all.find((table) => isFree(table, () => true)) ?? all.find((table) => isFree(table, (one) => !one.isLoose)) ?? (all[0] as string);
    left.delete(next);
    order.push(next);
  }
  return order;
}
