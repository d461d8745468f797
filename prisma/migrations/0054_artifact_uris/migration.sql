-- Before a client registers a folder or file as an artifact it asks whether there is one with that URI. URIs are longer than a tree takes them, and nobody sorts by them.
CREATE INDEX "ix_artifact_version_uri" ON "workspace"."artifact_version" USING hash ("uri");
