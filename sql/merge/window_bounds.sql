-- The windows of this run by their numbers, from 0 on: where each begins and
-- ends ($1 and $2, as text; '' is no bound), its filter ($3), and whether it only brings
-- what the other windows let pass ($4).
CREATE OR REPLACE TEMP TABLE window_bounds AS
SELECT i - 1 AS window_no, nullif(starts[i], '')::TIMESTAMPTZ AS window_start, nullif(ends[i], '')::TIMESTAMPTZ AS window_end, filters[i] AS filter, nets[i] AS is_net
FROM (SELECT $1::VARCHAR[] AS starts, $2::VARCHAR[] AS ends, $3::VARCHAR[] AS filters, $4::BOOLEAN[] AS nets), range(1, len(starts) + 1) n(i)
