-- What one check finds (recon_found, of the shape of recon.breaks), and how its
-- sentences write values.
CREATE OR REPLACE TEMP TABLE recon_found AS SELECT * FROM recon.breaks LIMIT 0;

-- An amount or price with all its digits, at least two of them decimals:
-- 118.01, 5.00, 122.2222.
CREATE OR REPLACE TEMP MACRO money_text(amount) AS
    regexp_replace(amount::VARCHAR, '(\.[0-9]{2}[0-9]*?)0+$', '\1');

-- A quantity without zeros at its end: 2, 0.512.
CREATE OR REPLACE TEMP MACRO quantity_text(quantity) AS
    regexp_replace(quantity::VARCHAR, '\.0+$|(\.[0-9]*?)0+$', '\1');

-- An instant in the zone of the options.
CREATE OR REPLACE TEMP MACRO instant_text(instant) AS
    strftime(timezone((SELECT zone FROM recon_run), instant), '%Y-%m-%d %H:%M');

-- A list of names of columns, parted by commas, with other words between them,
-- in Chinese.
CREATE OR REPLACE TEMP MACRO in_words(names) AS (
    SELECT string_agg(coalesce(w.word || CASE WHEN suffix(t.part, ',') THEN ',' ELSE '' END, t.part), ' ' ORDER BY t.i)
    FROM (SELECT unnest(string_split(names, ' ')) AS part, generate_subscripts(string_split(names, ' '), 1) AS i) t
    LEFT JOIN recon_words w ON w.name = rtrim(t.part, ',')
);
