-- macro: age_of(days)
-- gives: STRING, how old what is outstanding is, by its days since the business date
CASE
    WHEN days < 0 THEN 'not_due'
    WHEN days <= 7 THEN '0-7'
    WHEN days <= 30 THEN '8-30'
    WHEN days <= 90 THEN '31-90'
    WHEN days > 90 THEN '90+'
    ELSE 'unknown'
END
