package sim

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"
)

// Notification is what the vendor posts when the state of an order changes
// (订单状态通知). HappenTime is in milliseconds, the deduction a text of fen,
// which only the cancel or refund of a paid order bears.
type Notification struct {
	OrderNo                string `json:"orderNo"`
	SourceOrderNo          string `json:"sourceOrderNo"`
	ExpressStatus          string `json:"expressStatus"`
	HappenTime             int64  `json:"happenTime"`
	ExpressWorkerName      string `json:"expressWorkerName"`
	ExpressWorkerPhone     string `json:"expressWorkerPhone"`
	CancelDeductionsAmount string `json:"cancelDeductionsAmount"`
}

// JSON is the body of the call.
func (n Notification) JSON() []byte { return line(n) }

// notifyAt is when a notification is sent, counted from the first time.
var notifyAt = []time.Duration{0, 5 * time.Second, 15 * time.Second, 35 * time.Second, 75 * time.Second}

// Notifier posts notifications as the vendor does.
type Notifier struct {
	URL    string       // the address that the merchant registered
	Client *http.Client // nil is http.DefaultClient
	// Sleep waits until the next attempt; nil waits in real time.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Notify posts n at 0, 5, 15, 35 and 75 seconds until it is answered with the
// text OK in upper or lower case, and never again. It returns how many times
// it asked, and whether it was answered.
func (s *Notifier) Notify(ctx context.Context, n Notification) (attempts int, taken bool, err error) {
	body := n.JSON()
	var waited time.Duration
	for _, at := range notifyAt {
		if at > waited {
			if err := s.sleep(ctx, at-waited); err != nil {
				return attempts, false, err
			}
			waited = at
		}
		attempts++
		if s.post(ctx, body) {
			return attempts, true, nil
		}
		if err := ctx.Err(); err != nil {
			return attempts, false, err
		}
	}
	return attempts, false, nil
}

// post sends body once. The vendor does not say what it makes of an HTTP
// status: the text alone counts.
func (s *Notifier) post(ctx context.Context, body []byte) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json;charset=UTF-8")
	client := s.Client
	if client == nil {
		client = http.DefaultClient
	}
	answer, err := client.Do(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1024))
	return err == nil && strings.EqualFold(strings.TrimSpace(string(text)), "OK")
}

func (s *Notifier) sleep(ctx context.Context, d time.Duration) error {
	if s.Sleep != nil {
		return s.Sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
