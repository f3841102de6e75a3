SHOW TABLES IN {{id .Catalog}}.{{id .Schema}}
