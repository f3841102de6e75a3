UPDATE audit.meta SET schema_version = $1
