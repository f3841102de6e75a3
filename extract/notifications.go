package extract

import "github.com/nightaudit/nightaudit/extract/sealed"

// Notified is implemented by accounts whose vendor pushes what happens. The
// listener takes and keeps it; the account's Fetch reads what was kept.
type Notified interface {
	// Notifications says how they are taken; ok is false where the account is
	// not configured to.
	Notifications() (n Notifications, ok bool)
}

// Notifications says how an account's vendor pushes.
type Notifications struct {
	// Secret is the end of the address that the vendor posts to:
	// /<source>/<account>/<secret>.
	Secret string
	// LogDir is the folder of the write-ahead log in which they are kept
	// (package wal).
	LogDir string
	// Keys are those of the log.
	Keys sealed.Keys
	// Check says what is wrong with a body that is no notification, without
	// quoting it. What is merely doubtful is kept, and told when it is loaded.
	Check func(body []byte) error
	// Answer tells the vendor that a notification was kept.
	Answer string
}

// RefusedDir is the folder within Notifications.LogDir in which the listener
// keeps the calls that it refused, a log like the other.
const RefusedDir = "refused"

// RefusedCall is one of them: what came, and the answer that it got.
type RefusedCall struct {
	Status          int    `json:"status"`
	Why             string `json:"why"`
	Method          string `json:"method"`
	ContentType     string `json:"content_type,omitempty"`
	ContentEncoding string `json:"content_encoding,omitempty"`
	// Length is that of the body, of which the beginning is kept: as Text, or
	// where it is none in UTF-8 as Base64.
	Length int64  `json:"length"`
	Text   string `json:"text,omitempty"`
	Base64 string `json:"base64,omitempty"`
}
