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
