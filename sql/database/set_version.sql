UPDATE audit.meta SET schema_version = $1, objects_sha256 = $2
