-- Those of the rows that are kept between two places.
SELECT * FROM temp.nightaudit_kept WHERE rowid >= ? AND rowid < ? ORDER BY rowid
