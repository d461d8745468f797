import { toOne } from '#libs/resource/render.js';
import { type Resource, resource, resourceNamed } from '#libs/resource/resource.js';

/** A file beside an artifact version that shows it to people. Made with the version and read through it. */
export const artifactVisualization: Resource = resource({
  name: 'artifact visualization',
  table: 'artifact_visualization',
  access: { type: null, through: { parent: () => resourceNamed('artifact version'), column: 'artifact_version_id' } },
  named: false,
  body: { type: 'type', uri: 'uri' },
  metadata: { artifact_version_id: 'artifact_version_id' },
  resources: { artifact_version: toOne(() => resourceNamed('artifact version'), 'artifact_version_id') },
});
