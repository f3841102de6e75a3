package httpx

import (
	"context"
	"net/http"
)

// Auth puts an account's credentials on a request.
type Auth interface {
	// Sign adds what the vendor wants to see. body is the request's body,
	// nil where there is none. It may call the vendor for a token, and may
	// replace the request's body where the signature belongs in it.
	Sign(ctx context.Context, req *http.Request, body []byte) error
	// Expire tells that the vendor called the credentials of req expired;
	// the next Sign logs in again unless another request already has. It
	// reports whether the next Sign can do better: fixed credentials cannot.
	Expire(req *http.Request) bool
}

// noAuth is the kind "none".
type noAuth struct{}

func (noAuth) Sign(context.Context, *http.Request, []byte) error { return nil }
func (noAuth) Expire(*http.Request) bool                         { return false }

// turnKey is the key of a context's turn.
type turnKey struct{}

// withTurn lets a log-in under ctx take part in the account's rate.
func withTurn(ctx context.Context, turn func(context.Context) error) context.Context {
	return context.WithValue(ctx, turnKey{}, turn)
}

// nextTurn waits for another turn: a log-in has used up the one that its
// request had waited for.
func nextTurn(ctx context.Context) error {
	if turn, ok := ctx.Value(turnKey{}).(func(context.Context) error); ok {
		return turn(ctx)
	}
	return nil
}
