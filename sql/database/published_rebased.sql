-- When the rows of a source's accounts were brought to other settings last: what runs
-- brought before that stands in versions that were made under the settings of then.
SELECT source, max(changed_at) FROM audit.basis_changes GROUP BY source
