package recon

import "testing"

// A version that is older than the one before it, by the vendor's own time, is a
// break for good. The night is in Shanghai, eight hours ahead of UTC.
func TestOlderVersion(t *testing.T) {
	t.Parallel()
	db := testCheck(t, "older_version", []string{
		`INSERT INTO main.orders (source, account, order_id, business_date, status, net_amount, updated_at, currency, deleted_at) VALUES
			('soms', 'retail', 'A-kept', '2026-04-01', 'completed', 400, '2026-04-10 04:00:00Z', 'CNY', NULL),
			('soms', 'retail', 'B-taken', '2026-04-01', 'confirmed', 111, '2026-04-01 04:00:00Z', 'CNY', NULL),
			('soms', 'retail', 'C-forward', NULL, 'completed', 2, '2026-04-02 04:00:00Z', 'CNY', NULL),
			('starhotel', 'inn', 'D-newer-since', NULL, 'completed', 500, '2026-04-12 04:00:00Z', 'CNY', NULL),
			('starhotel', 'inn', 'E-time-alone', NULL, 'completed', 5, '2026-04-02 04:00:00Z', 'CNY', NULL),
			('soms', 'retail', 'F-deleted', NULL, 'completed', 5, '2026-04-02 04:00:00Z', 'CNY', '2026-04-03 00:00:00Z'),
			('soms', 'retail', 'G-configured', NULL, 'completed', 5, '2026-04-01 20:00:00Z', 'CNY', NULL),
			('guoxiaodi', 'courier', 'H-events', NULL, 'completed', 5, '2026-04-01 20:00:00Z', 'CNY', NULL),
			('tuya', 'hotel-a', 'I-no-times', NULL, 'completed', 5, NULL, 'CNY', NULL)`,
		`INSERT INTO audit.order_versions (source, account, order_id, version_no, valid_from, valid_to, updated_at, net_amount, status, currency, cause) VALUES
			('soms', 'retail', 'A-kept', 1, '2026-04-10 19:00:00Z', NULL, '2026-04-10 04:00:00Z', 400, 'completed', 'CNY', NULL),
			('soms', 'retail', 'A-kept', 2, '2026-04-11 19:00:00Z', '2026-04-11 19:00:00Z', '2026-04-01 04:00:00Z', 111, 'confirmed', 'CNY', NULL),
			('soms', 'retail', 'B-taken', 1, '2026-04-10 19:00:00Z', '2026-04-12 19:00:00Z', '2026-04-10 04:00:00Z', 400, 'completed', 'CNY', NULL),
			('soms', 'retail', 'B-taken', 2, '2026-04-11 19:00:00Z', '2026-04-11 19:00:00Z', '2026-04-01 04:00:00Z', 111, 'confirmed', 'CNY', NULL),
			('soms', 'retail', 'B-taken', 3, '2026-04-12 19:00:00Z', NULL, '2026-04-01 04:00:00Z', 111, 'confirmed', 'CNY', NULL),
			('soms', 'retail', 'C-forward', 1, '2026-04-10 19:00:00Z', '2026-04-12 19:00:00Z', '2026-04-01 04:00:00Z', 1, 'confirmed', 'CNY', NULL),
			('soms', 'retail', 'C-forward', 2, '2026-04-12 19:00:00Z', NULL, '2026-04-02 04:00:00Z', 2, 'completed', 'CNY', NULL),
			('starhotel', 'inn', 'D-newer-since', 1, '2026-04-10 19:00:00Z', '2026-04-12 19:00:00Z', '2026-04-10 04:00:00Z', 400, 'completed', 'CNY', NULL),
			('starhotel', 'inn', 'D-newer-since', 2, '2026-04-11 19:00:00Z', '2026-04-11 19:00:00Z', '2026-04-09 04:00:00Z', NULL, 'in_progress', 'CNY', NULL),
			('starhotel', 'inn', 'D-newer-since', 3, '2026-04-12 19:00:00Z', NULL, '2026-04-12 04:00:00Z', 500, 'completed', 'CNY', NULL),
			('starhotel', 'inn', 'E-time-alone', 1, '2026-04-10 19:00:00Z', NULL, '2026-04-02 04:00:00Z', 5, 'completed', 'CNY', NULL),
			('starhotel', 'inn', 'E-time-alone', 2, '2026-04-11 19:00:00Z', '2026-04-11 19:00:00Z', '2026-04-01 04:00:00Z', 5, 'completed', 'CNY', NULL),
			('soms', 'retail', 'F-deleted', 1, '2026-04-10 19:00:00Z', NULL, '2026-04-02 04:00:00Z', 5, 'completed', 'CNY', NULL),
			('soms', 'retail', 'F-deleted', 2, '2026-04-11 19:00:00Z', '2026-04-11 19:00:00Z', '2026-04-01 04:00:00Z', 4, 'completed', 'CNY', NULL),
			('soms', 'retail', 'G-configured', 1, '2026-04-10 19:00:00Z', '2026-04-11 19:00:00Z', '2026-04-02 04:00:00Z', 5, 'completed', 'CNY', NULL),
			('soms', 'retail', 'G-configured', 2, '2026-04-11 19:00:00Z', NULL, '2026-04-01 20:00:00Z', 5, 'completed', 'CNY', 'configuration'),
			('guoxiaodi', 'courier', 'H-events', 1, '2026-04-10 19:00:00Z', '2026-04-11 19:00:00Z', '2026-04-02 04:00:00Z', 5, 'completed', 'CNY', NULL),
			('guoxiaodi', 'courier', 'H-events', 2, '2026-04-11 19:00:00Z', NULL, '2026-04-01 20:00:00Z', 5, 'completed', 'CNY', NULL),
			('tuya', 'hotel-a', 'I-no-times', 1, '2026-04-10 19:00:00Z', '2026-04-11 19:00:00Z', NULL, 9, 'completed', 'CNY', NULL),
			('tuya', 'hotel-a', 'I-no-times', 2, '2026-04-11 19:00:00Z', NULL, NULL, 5, 'completed', 'CNY', NULL)`,
	}, []string{
		"A-kept | 2 | 400.0000 | 111.0000 | -289.0000 | CNY | older_version | on 2026-04-12 03:00:00 the source went back to its version of 2026-04-01 12:00:00 (net amount 111.00), although it had stated one of 2026-04-10 12:00:00 (400.00); what differs: net_amount, status; the later one was kept.",
		"B-taken | 2 | 400.0000 | 111.0000 | -289.0000 | CNY | older_version | on 2026-04-12 03:00:00 the source went back to its version of 2026-04-01 12:00:00 (net amount 111.00), although it had stated one of 2026-04-10 12:00:00 (400.00); what differs: net_amount, status; it says so still, and the older one was taken.",
		"D-newer-since | 2 | 400.0000 | – | -400.0000 | CNY | older_version | on 2026-04-12 03:00:00 the source went back to its version of 2026-04-09 12:00:00 (net amount –), although it had stated one of 2026-04-10 12:00:00 (400.00); what differs: net_amount, status; the later one was kept.",
		"E-time-alone | 2 | – | – | 0.0000 | CNY | older_version | on 2026-04-12 03:00:00 the source went back to its version of 2026-04-01 12:00:00 (net amount 5.00), although it had stated one of 2026-04-02 12:00:00 (5.00); what differs: updated_at; the later one was kept.",
	})
	equal(t, "severities", query(t, db, "SELECT order_id, severity FROM recon.breaks ORDER BY ALL"),
		[]string{"A-kept | error", "B-taken | error", "D-newer-since | error", "E-time-alone | warning"})
	equal(t, "in Chinese", query(t, db, "SELECT explanation_zh FROM recon.breaks WHERE order_id = 'B-taken'"), []string{
		"来源于2026-04-12 03:00:00退回2026-04-01 12:00:00的版本（应付金额111.00），而此前已有2026-04-10 12:00:00的版本（400.00）；不同之处：应付金额, 状态；来源坚持如此，已采用较旧者。",
	})
}
