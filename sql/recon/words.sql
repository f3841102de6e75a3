-- What the columns of the facts are called in Chinese: $1 are their names, as
-- "created_at" or "stays.total_amount", $2 the words.
CREATE OR REPLACE TEMP TABLE recon_words AS
SELECT unnest($1::VARCHAR[]) AS name, unnest($2::VARCHAR[]) AS word
