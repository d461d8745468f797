import { type Sql, sql } from '#libs/database/sql.js';
import { oneOf } from '#libs/resource/render.js';
import { column, type Expression, type Field } from '#libs/resource/resource.js';
import { user } from '../identity/user.js';

/** The newest run that belongs to a row: its id, its state and whose it is. `runs` is the FROM and WHERE part over the run alias `r`. */
export function latestRun(runs: (t: Sql) => Sql): { latest_run_id: Field; latest_run_status: Field; latest_run_user: Field } {
  const of =
    (name: string): Expression =>
    (t) =>
      sql`(SELECT ${column(sql`r`, name)} ${runs(t)} ORDER BY r.created DESC, r.id DESC LIMIT 1)`;
  return {
    latest_run_id: of('id'),
    latest_run_status: of('status'),
    latest_run_user: (t, render) => {
      const u = render.alias();
      return oneOf(user, u, render, sql`${u}.workspace_id = ${t}.workspace_id AND ${u}.id = ${of('user_id')(t, render)}`);
    },
  };
}
