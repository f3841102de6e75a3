-- How the data of each account stands for each business date of a range; what the
-- states mean is in engines/common/coverage.sql.
CREATE OR REPLACE MACRO audit.coverage(first_date, last_date, known_at) AS TABLE
SELECT * FROM coverage(first_date, last_date, known_at);
