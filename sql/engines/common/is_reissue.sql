-- macro: is_reissue(reissue_reason, order_type)
-- gives: BOOLEAN, whether an order of the shop is a reissue, which repeats an earlier one
reissue_reason IS NOT NULL OR coalesce(order_type = 'COMPENSATION', false)
