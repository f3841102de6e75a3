package extract_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

var errWrongKey = errors.New("wrong key")

// TestLoginIsShared: five callers want a token at once. One logs in; all get
// its outcome.
func TestLoginIsShared(t *testing.T) {
	for _, failure := range []error{nil, errWrongKey} {
		synctest.Test(t, func(t *testing.T) {
			login := new(extract.TokenStore).Login("vendor key")
			logins, release := 0, make(chan struct{})
			results := make(chan error, 5)
			for range 5 {
				go func() {
					token, err := login.Token(t.Context(), time.Now(), func(context.Context, extract.Token) (extract.Token, error) {
						logins++ // only one caller is ever here
						<-release
						return extract.Token{Access: "a"}, failure
					})
					if err == nil && token.Access != "a" {
						err = errors.New("another token")
					}
					results <- err
				}()
			}
			synctest.Wait() // one is logging in, four wait for it
			close(release)
			for range 5 {
				if err := <-results; !errors.Is(err, failure) {
					t.Errorf("error %v, want %v", err, failure)
				}
			}
			if logins != 1 {
				t.Errorf("%d log-ins, want 1", logins)
			}
		})
	}
}

// TestLoginGivenUp: a caller that gives up while it logs in does not fail
// those who wait; one of them logs in.
func TestLoginGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		login := new(extract.TokenStore).Login("vendor key")
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, err := login.Token(ctx, time.Now(), func(ctx context.Context, _ extract.Token) (extract.Token, error) {
				<-ctx.Done()
				return extract.Token{}, ctx.Err()
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want canceled", err)
			}
		}()
		synctest.Wait()
		done := make(chan struct{})
		go func() {
			defer close(done)
			token, err := login.Token(t.Context(), time.Now(), func(context.Context, extract.Token) (extract.Token, error) {
				return extract.Token{Access: "b"}, nil
			})
			if err != nil || token.Access != "b" {
				t.Errorf("token %q, error %v", token.Access, err)
			}
		}()
		synctest.Wait()
		cancel()
		<-done
	})
}

// TestRefused: only the token that is held can be refused.
func TestRefused(t *testing.T) {
	login := new(extract.TokenStore).Login("vendor key")
	now, logins := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 0
	want := func(n int, old string) {
		t.Helper()
		if _, err := login.Token(t.Context(), now, func(_ context.Context, held extract.Token) (extract.Token, error) {
			if held.Access != old {
				t.Errorf("log-in %d starts from token %q, want %q", n, held.Access, old)
			}
			logins++
			return extract.Token{Access: "token", Renew: now.Add(time.Hour)}, nil
		}); err != nil {
			t.Fatal(err)
		}
		if logins != n {
			t.Errorf("%d log-ins, want %d", logins, n)
		}
	}
	want(1, "")
	login.Refused("an earlier one")
	want(1, "")
	login.Refused("token")
	want(2, "")
	now = now.Add(time.Hour)
	want(3, "token") // renewed, not refused
}
