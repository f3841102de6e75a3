-- The numbers that an account ($1, $2) asked for last and was not shown.
SELECT DISTINCT order_id FROM audit.exceptions WHERE source = $1 AND account = $2 AND ask_again
