-- What a Spark server is, and which catalog it takes where none is named.
SELECT version() AS version, current_catalog() AS catalog
