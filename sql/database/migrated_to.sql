SELECT coalesce(max(version), 0) FROM audit.migrations
