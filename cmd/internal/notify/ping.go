package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/extract"
)

// Healthcheck is an address of a service that raises an alarm when it does not hear
// of a night in time (https://healthchecks.io/docs/http_api, and what speaks the same):
// ADDRESS/start as one begins, ADDRESS when it ended well, ADDRESS/fail when not. The
// address is a secret.
type Healthcheck struct {
	url    *url.URL
	log    *slog.Logger
	limits Limits
	sent   sync.WaitGroup
}

// ParseAddress reads an address to which things are posted, as healthcheck_url of
// the configuration.
func ParseAddress(address string) (*url.URL, error) {
	u, err := parseAddress(address)
	var key *extract.KeyError
	if errors.As(err, &key) {
		return nil, errors.New(key.Problem)
	}
	return u, err
}

// NewHealthcheck calls nobody yet; where address is nil its methods do nothing.
func NewHealthcheck(address *url.URL, log *slog.Logger, limits Limits) *Healthcheck {
	return &Healthcheck{url: address, log: log, limits: limits}
}

// Started tells that a run begins, while that goes on.
func (h *Healthcheck) Started(ctx context.Context) {
	if h.url != nil {
		h.sent.Go(func() { h.tell(ctx, "start") })
	}
}

// Ended tells how the run ended, by its exit code. One that was not begun because
// another was at work says nothing: that one will.
func (h *Healthcheck) Ended(ctx context.Context, code int) {
	h.sent.Wait()
	switch {
	case h.url == nil || code == exit.Locked:
	case code == exit.Done || code == exit.Breaks:
		h.tell(ctx, "")
	default:
		h.tell(ctx, "fail")
	}
}

func (h *Healthcheck) tell(ctx context.Context, what string) {
	if err := Post(ctx, h.url.JoinPath(what), nil, nil, h.limits); err != nil {
		h.log.Error("the healthcheck was not told", "host", h.url.Host, "why", err.Error())
	}
}

// Post posts a body, which may be nil, to an address, and again as often as limits say
// (Attempt, Attempts, Pause) until it is taken. Its error holds nothing of the address
// and of what was sent.
func Post(ctx context.Context, address *url.URL, headers map[string]string, body []byte, limits Limits) error {
	limits = limits.filled()
	ctx, cancel := context.WithTimeout(ctx, limits.Attempt*time.Duration(limits.Attempts))
	defer cancel()
	var err error
	for attempt := range limits.Attempts {
		if attempt > 0 && sleep(ctx, limits.Pause) != nil {
			break
		}
		if err = postOnce(ctx, address, headers, body, limits.Attempt); err == nil {
			break
		}
	}
	return err
}

func postOnce(ctx context.Context, address *url.URL, headers map[string]string, body []byte, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), bytes.NewReader(body))
	if err != nil {
		return errors.New("the address is none")
	}
	request.Header.Set("User-Agent", "nightaudit")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	answer, err := client(nil).Do(request)
	if err != nil {
		return unreached(err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, longestAnswer)) // nothing is read of it
	if answer.StatusCode < 200 || answer.StatusCode >= 300 {
		return fmt.Errorf("it answers with HTTP %d", answer.StatusCode)
	}
	return nil
}
