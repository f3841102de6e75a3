-- Every close with its dates and its recorded time, as text.
SELECT entry_id, date_from::VARCHAR, date_to::VARCHAR, closed_at::VARCHAR FROM audit.closes ORDER BY closed_at
