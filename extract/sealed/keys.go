// Package sealed is how landed answers, ledgers of windows and write-ahead logs
// lie on disk: in files of lines that are only appended to (Log, Lines),
// compressed and, where the operator names recipients, encrypted with age, so
// that whoever gets hold of the disk or of a backup reads none of them.
//
// A file that ends in .zst is zstd, and zstd -dc reads it. In a file that
// ends in .zst.age each frame is compressed and encrypted by itself, so that
// it can be flushed by itself and a file that was cut short is whole up to
// the cut. A frame is
//
//	 4 bytes  "NAF1"
//	 4 bytes  length of the label
//	 4 bytes  length of the age file
//	 4 bytes  CRC-32C of label and age file
//	 4 bytes  CRC-32C of the 16 bytes before
//	label     in the clear: what must be known without the identity
//	age file  of one zstd frame: age -d -i KEY | zstd -dc
//
// with all numbers big-endian.
package sealed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

// Keys are the age recipients to whom what is written is encrypted, and the
// identities that open what was. The zero value writes nothing encrypted and
// opens nothing that is. Keys may be copied.
type Keys struct {
	recipients []age.Recipient
	identities []age.Identity
}

// The ways in which keys can be wrong. None of them repeats a key.
var (
	ErrSecretAsRecipient = errors.New("is a secret key: write its public key, age1…, here, and the secret one in landing.identity")
	ErrNoRecipient       = errors.New("is no age recipient: write the public key that age-keygen printed, age1…")
	ErrMixedRecipients   = errors.New("has recipients of both kinds, age1… and age1pq1…, which age does not combine: use one kind")
	ErrBadIdentity       = errors.New("holds no age identity: it must be what age-keygen writes, with a line AGE-SECRET-KEY-1… (or AGE-SECRET-KEY-PQ-1…) for each key; a file with a passphrase, a plugin's or an SSH key cannot be used")
	ErrStrangeIdentity   = errors.New("opens nothing that is encrypted to landing.recipient: add the identity of one of the recipients")
)

// AddRecipient adds a recipient: the text age1… or age1pq1… .
func (k *Keys) AddRecipient(text string) error {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(strings.ToUpper(text), "AGE-SECRET-KEY-") {
		return ErrSecretAsRecipient
	}
	found, err := age.ParseRecipients(strings.NewReader(text))
	if err != nil || len(found) != 1 {
		return ErrNoRecipient // the library's text may repeat the key
	}
	k.recipients = append(k.recipients, found[0])
	return nil
}

// AddIdentities adds the identities of a file as age-keygen writes it: one a
// line, with comments.
func (k *Keys) AddIdentities(text string) error {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimSpace(line))
	}
	found, err := age.ParseIdentities(strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		return ErrBadIdentity
	}
	k.identities = append(k.identities, found...)
	return nil
}

// Seals reports whether what is written is encrypted.
func (k Keys) Seals() bool { return len(k.recipients) > 0 }

// Opens reports whether there is an identity to open anything with.
func (k Keys) Opens() bool { return len(k.identities) > 0 }

// Check tries the keys on each other: ErrMixedRecipients, or, where there are
// both recipients and identities and no pair of them fits, ErrStrangeIdentity.
func (k Keys) Check() error {
	if !k.Seals() {
		return nil
	}
	var probe bytes.Buffer
	if err := k.encrypt(&probe, nil); err != nil {
		return ErrMixedRecipients
	}
	if !k.Opens() {
		return nil
	}
	if _, err := age.Decrypt(&probe, k.identities...); err != nil {
		return ErrStrangeIdentity
	}
	return nil
}

func (k Keys) encrypt(to io.Writer, plain []byte) error {
	w, err := age.Encrypt(to, k.recipients...)
	if err == nil {
		_, err = w.Write(plain)
		err = errors.Join(err, w.Close())
	}
	if err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	return nil
}

// ErrNoIdentity is what is encrypted to nobody whose identity is configured.
var ErrNoIdentity = errors.New("no configured identity opens it")

// unopened is an ErrNoIdentity with its remedy.
type unopened string

func (e unopened) Error() string        { return string(e) }
func (e unopened) Is(target error) bool { return target == ErrNoIdentity }

func (k Keys) decrypt(from io.Reader) ([]byte, error) {
	if !k.Opens() {
		return nil, unopened("it is encrypted, and landing.identity is not set: set it to the identity (AGE-SECRET-KEY-1…) of the recipient that it was encrypted to")
	}
	r, err := age.Decrypt(from, k.identities...)
	if none := (*age.NoIdentityMatchError)(nil); errors.As(err, &none) {
		return nil, unopened("it is encrypted to another recipient than those whose identities landing.identity holds: add the identity of that time, one a line")
	}
	if err != nil {
		return nil, ErrDamaged
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, ErrDamaged
	}
	return plain, nil
}
