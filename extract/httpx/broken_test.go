package httpx_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// TestNoConnection: neither the address's query nor the credentials nor what
// a transport says of them get into the error of a call that nobody answers.
func TestNoConnection(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(vendor))
	address := server.URL
	server.Close()
	for _, c := range []struct {
		name, base string
		transport  http.RoundTripper
		text       string
	}{
		{"refused", address, nil, "dial: connect: connection refused"},
		{"no such name", "https://pms.example", failing{&net.DNSError{Err: "no such host", Name: "pms.example", Server: "leaked", IsNotFound: true}}, "the name pms.example cannot be resolved"},
		{"proxy", "https://pms.example", failing{&net.OpError{Op: "proxyconnect", Net: "tcp", Err: errors.New("leaked")}}, "proxyconnect failed (asked 3 times); check base_url, the network and the proxy"},
		{"unknown", "https://pms.example", failing{errors.New("malformed header: leaked")}, "the connection broke"},
		{"nested address", "https://pms.example", failing{&url.Error{Op: "Get", URL: "https://leaked", Err: errors.New("leaked")}}, "the connection broke"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, _, log := newClient(t, extracttest.NewScript(http.HandlerFunc(vendor)), func(o *httpx.Options) { o.BaseURL, o.Transport = c.base, c.transport })
			_, err := client.Do(t.Context(), ordersCall)
			if extract.ClassOf(err) != extract.Transient || !strings.Contains(err.Error(), c.text) {
				t.Errorf("error %v, want a transient one that says %q", err, c.text)
			}
			checkSecrets(t, fmt.Sprint(err)+log.String())
		})
	}
}

// failing is a transport that never gets an answer.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestTLS(t *testing.T) {
	secure := httptest.NewTLSServer(http.HandlerFunc(vendor))
	defer secure.Close()
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	plain := httptest.NewServer(http.HandlerFunc(vendor))
	defer plain.Close()
	for base, text := range map[string]string{
		secure.URL: "certificate is not trusted",
		strings.Replace(plain.URL, "http:", "https:", 1): "does not speak TLS",
	} {
		client, slept, _ := newClient(t, extracttest.NewScript(http.HandlerFunc(vendor)), func(o *httpx.Options) { o.BaseURL = base })
		_, err := client.Do(t.Context(), ordersCall)
		if err == nil || extract.ClassOf(err) != extract.Permanent || !strings.Contains(err.Error(), text) || len(slept.list) > 0 {
			t.Errorf("error %v, want a permanent one that says %q", err, text)
		}
		checkSecrets(t, fmt.Sprint(err))
	}
}

func TestDeadline(t *testing.T) {
	script := extracttest.NewScript(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	client, _, _ := newClient(t, script, func(o *httpx.Options) {
		o.Limits.Timeout, o.Limits.Retries = 20*time.Millisecond, 1
	})
	_, err := client.Do(t.Context(), httpx.Call{Op: "read one order", Method: http.MethodGet, Path: "/orders/7/detail"})
	if extract.ClassOf(err) != extract.Transient || !strings.Contains(err.Error(), "no complete answer within 20ms (asked 2 times)") {
		t.Errorf("error %v", err)
	}
	if n := script.Requests(); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

func TestCanceled(t *testing.T) {
	t.Run("while asking", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		script := extracttest.NewScript(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		}))
		client, _, _ := newClient(t, script, nil)
		_, err := client.Do(ctx, httpx.Call{Op: "read one order", Method: http.MethodGet, Path: "/orders/7/detail"})
		if !errors.Is(err, context.Canceled) || script.Requests() != 1 {
			t.Errorf("error %v after %d requests", err, script.Requests())
		}
	})
	t.Run("while waiting to ask again", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		script := extracttest.NewScript(http.HandlerFunc(vendor))
		script.Next(9, nil, extracttest.Fault{Status: 503})
		client, _, _ := newClient(t, script, func(o *httpx.Options) {
			o.Limits.Sleep = func(ctx context.Context, _ time.Duration) error {
				cancel()
				return ctx.Err()
			}
		})
		_, err := client.Do(ctx, ordersCall)
		if !errors.Is(err, context.Canceled) || script.Requests() != 1 {
			t.Errorf("error %v after %d requests", err, script.Requests())
		}
		checkSecrets(t, fmt.Sprint(err))
	})
	t.Run("before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		script := extracttest.NewScript(http.HandlerFunc(vendor))
		client, _, _ := newClient(t, script, nil)
		if _, err := client.Do(ctx, ordersCall); !errors.Is(err, context.Canceled) || script.Requests() != 0 {
			t.Errorf("error %v after %d requests", err, script.Requests())
		}
	})
}
