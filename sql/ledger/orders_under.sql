-- How many orders of source $1 stand under the account $2; where $3 is not '',
-- those that stand under that account too.
SELECT count(*) FROM main.orders
WHERE source = $1 AND account = $2
    AND ($3 = '' OR order_id IN (SELECT order_id FROM main.orders WHERE source = $1 AND account = $3))
