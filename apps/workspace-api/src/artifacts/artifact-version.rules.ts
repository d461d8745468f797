import { Problem } from '#libs/http/problem.js';
import type { ArtifactVersionRequest } from '#libs/wire/models/artifact-version.js';

const maxNumber = 2_147_483_647;

/** The number of a version that reads like one, so that automatic numbering goes on from it. */
export function numberOf(version: string): number | null {
  if (!/^\s*[+-]?\d+\s*$/.test(version)) return null;
  const number = Number(version);
  return Math.abs(number) <= maxNumber ? number : null;
}

/** Where a new version belongs: an artifact by id, or by name in a project. */
export function artifactKey(request: Pick<ArtifactVersionRequest, 'artifact_id' | 'artifact_name' | 'project'>): string {
  return request.artifact_id ? request.artifact_id : `${request.project}/${request.artifact_name}`;
}

export type Numbered = { version: string; number: number | null };

/**
 * Versions for requests in their order. `latest` holds the highest number of each artifact and moves along; the caller holds their row locks.
 */
export function numberVersions(requests: readonly ArtifactVersionRequest[], latest: Map<string, number>): Numbered[] {
  return requests.map((request) => {
    const key = artifactKey(request);
    const highest = latest.get(key) ?? 0;
    if (request.version === undefined || request.version === null) {
      latest.set(key, highest + 1);
      return { version: String(highest + 1), number: highest + 1 };
    }
    const version = String(request.version);
    if (version === '' || version === '0') throw new Problem('invalid', 'The version of an artifact version must not be empty or zero.');
    const number = numberOf(version);
    if (number !== null && number > highest) latest.set(key, number);
    return { version, number };
  });
}

/** Longest JSON text that is kept of a metadata value; longer ones are left out, as clients know. */
const maxValueLength = 65_535;

export type MetadataRow = { key: string; value: string; type: string };

/** Values of the request as rows; what is too large is skipped. */
export function metadataRows(values: Record<string, unknown> | null | undefined): MetadataRow[] {
  const rows: MetadataRow[] = [];
  for (const [key, value] of Object.entries(values ?? {})) {
    const text = JSON.stringify(value);
    if (text.length > maxValueLength) continue;
    if (key.includes(':')) throw new Problem('unprocessable', `The metadata key '${key}' contains a colon. Use another character.`);
    rows.push({ key, value: text, type: metadataType(value) });
  }
  return rows;
}

function metadataType(value: unknown): string {
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return Array.isArray(value) ? 'list' : 'dict';
}
