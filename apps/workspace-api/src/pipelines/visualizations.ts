import { literal, sql } from '#libs/database/sql.js';
import { toMany } from '#libs/resource/render.js';
import type { Expression } from '#libs/resource/resource.js';
import { curatedVisualization } from '../artifacts/curated-visualization.js';

/** The visualizations that people picked for a resource, in the order they gave them. */
export function visualizationsOf(type: 'pipeline' | 'pipeline_snapshot'): Expression {
  return toMany(
    () => curatedVisualization,
    (x, t) => sql`${x}.resource_type = ${literal(type)} AND ${x}.resource_id = ${t}.id`,
    (x) => sql`${x}.display_order, ${x}.created, ${x}.id`,
  );
}
