-- How many records each window of one stream brought.
SELECT window_no, count(DISTINCT record_key) FROM {{records .}} WHERE NOT is_superseded AND NOT is_of_page GROUP BY window_no
