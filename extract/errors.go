package extract

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Class tells the one place that sends calls again (httpx.Client.Do) what an
// error means. How often each is worth it stands there, in one table.
type Class int

// The classes of a vendor's refusal.
const (
	// Permanent: asking again will not help (a wrong key, a bad request).
	Permanent Class = iota
	// Transient: asking again may help (a timeout, 502, a busy vendor).
	Transient
	// Limited: asked too often; RetryAfter says for how long to wait.
	Limited
	// Expired: the token is no longer good; log in once more.
	Expired
	// Doubtful: no answer of the vendor's, as far as can be told: a page of
	// HTML, another envelope, a list that is none, an end that comes too early.
	// What stands between may say such a thing for a moment. Whoever is told of
	// it has asked often enough: it is Permanent then, and so is Denied.
	Doubtful
	// Denied: refused in a way that mostly stays and may pass: 403, 404, or by
	// a code that the vendor does not document.
	Denied
)

// Error is a call that failed. Op and Target say what was being done to
// what, without query, header or body; Hint what the operator can do.
type Error struct {
	Class      Class
	Op         string // "read orders page 3"
	Target     string // "POST /api/v1/pmsOrder/list"
	Code       string // the vendor's code or the HTTP status, "" where none
	Err        error
	Hint       string
	RetryAfter time.Duration
	// Answered is set where the vendor did answer the call: then the failure may
	// be of what was asked for, and not of the account.
	Answered bool
}

func (e *Error) Error() string {
	s := e.Op
	if e.Target != "" {
		s += " (" + e.Target + ")"
	}
	if e.Code != "" {
		s += ": code " + printable(e.Code)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// printable is a code, and of what a vendor puts in its place a hint: it may
// be a text about somebody.
func printable(code string) string {
	const longest = 40
	notOfCodes := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-:/", r))
	}
	if len(code) > longest || strings.ContainsFunc(code, notOfCodes) {
		return "that is none"
	}
	return code
}

func (e *Error) Unwrap() error { return e.Err }

// ClassOf is the class of err; an error that is none of ours is Permanent.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return Permanent
}

// BadAnswer is an answer that is not what the vendor documents.
func BadAnswer(op string, err error) error {
	return &Error{Class: Permanent, Op: op, Err: fmt.Errorf("unexpected answer: %w", err)}
}

// Unsettled is what Fetch returns for a window whose passes never agreed:
// what came is loaded, and the window is marked unreconciled.
type Unsettled struct {
	Reason string // with the figures in it
}

func (e *Unsettled) Error() string { return e.Reason }
