-- The head of the landing's chain of seals when the database was published last.
SELECT coalesce(max(chain_head), '') FROM audit.meta
