package sealed

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// newKey is a pair of keys as age-keygen makes it.
func newKey(t testing.TB) (recipient, identity string) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id.Recipient().String(), id.String()
}

func keys(t testing.TB, recipients []string, identities ...string) Keys {
	t.Helper()
	var k Keys
	for _, r := range recipients {
		if err := k.AddRecipient(r); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range identities {
		if err := k.AddIdentities(id); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

func codec(t testing.TB, k Keys) *Codec {
	t.Helper()
	c, err := New(k)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// frames seals a text each and returns the file and where its frames end.
func frames(t testing.TB, c *Codec, texts ...string) (file []byte, ends []int) {
	t.Helper()
	for i, text := range texts {
		var err error
		if file, err = c.Append(file, []byte(fmt.Sprint("label ", i)), []byte(text)); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, len(file))
	}
	return file, ends
}

// read is what a reader makes of a file: texts, and "!" where it is damaged.
func read(t testing.TB, c *Codec, file []byte) []string {
	t.Helper()
	var got []string
	r := NewReader(bytes.NewReader(file))
	for {
		f, err := r.Next()
		if errors.Is(err, io.EOF) {
			return got
		}
		var plain []byte
		if err == nil {
			plain, err = c.Open(f)
		}
		switch {
		case errors.Is(err, ErrDamaged):
			plain = []byte("!")
		case err != nil:
			t.Fatal(err)
		}
		got = append(got, string(plain))
	}
}

// The file is what the package says it is: read here by that description
// alone, with age and zstd as they are.
func TestFormat(t *testing.T) {
	recipient, identity := newKey(t)
	file, _ := frames(t, codec(t, keys(t, []string{recipient})), "张三", strings.Repeat("x", 1<<20))
	if bytes.Contains(file, []byte("张三")) {
		t.Error("the text stands in the clear")
	}
	id, err := age.ParseX25519Identity(identity)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"张三", strings.Repeat("x", 1<<20)} {
		label, body := binary.BigEndian.Uint32(file[4:]), binary.BigEndian.Uint32(file[8:])
		if string(file[:4]) != "NAF1" || string(file[20:20+label]) != fmt.Sprint("label ", i) {
			t.Errorf("frame %d begins with %q, its label is %q", i, file[:4], file[20:20+label])
		}
		plain, err := age.Decrypt(bytes.NewReader(file[20+label:20+label+body]), id)
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := zstd.NewReader(plain)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(unpacked)
		unpacked.Close()
		if err != nil || string(got) != want {
			t.Errorf("frame %d holds %.20q, %v", i, got, err)
		}
		file = file[20+label+body:]
	}
	if len(file) != 0 {
		t.Errorf("%d bytes are left", len(file))
	}
}

// However a file is cut, what stands before the cut is whole, and what was
// cut is nothing.
func TestCut(t *testing.T) {
	recipient, identity := newKey(t)
	c := codec(t, keys(t, []string{recipient}, identity))
	texts := []string{"one", "two", "three"}
	file, ends := frames(t, c, texts...)
	for cut := range len(file) + 1 {
		whole := 0
		for whole < len(ends) && ends[whole] <= cut {
			whole++
		}
		if got := read(t, c, file[:cut]); !slices.Equal(got, texts[:whole]) {
			t.Fatalf("cut at %d: %q, want the first %d", cut, got, whole)
		}
	}
}

// Wherever a byte is damaged, that is told, and costs its own frame alone.
func TestDamage(t *testing.T) {
	recipient, identity := newKey(t)
	c := codec(t, keys(t, []string{recipient}, identity))
	file, ends := frames(t, c, "one", "two", "three")
	for at := range ends[1] {
		file[at] ^= 0x20
		want := []string{"!", "two", "three"}
		if at >= ends[0] {
			want = []string{"one", "!", "three"}
		}
		if got := read(t, c, file); !slices.Equal(got, want) {
			t.Fatalf("byte %d damaged: %q, want %q", at, got, want)
		}
		file[at] ^= 0x20
	}
	for what, tail := range map[string][]byte{"zeros": make([]byte, 100_000), "half a head at its end": append(make([]byte, 70_000), "NAF1"...)} {
		if got := read(t, c, append(slices.Clone(file), tail...)); !slices.Equal(got, []string{"one", "two", "three", "!"}) {
			t.Errorf("%s at the end: %q", what, got)
		}
		if got := read(t, c, slices.Concat(file, tail, file)); !slices.Equal(got, []string{"one", "two", "three", "!", "one", "two", "three"}) {
			t.Errorf("%s in the middle: %q", what, got)
		}
	}
}

func TestSkip(t *testing.T) {
	recipient, identity := newKey(t)
	c := codec(t, keys(t, []string{recipient}, identity))
	file, _ := frames(t, c, "one", strings.Repeat("two", 100_000), "three")
	r := NewReader(bytes.NewReader(file))
	for range 2 {
		if err := r.Skip(); err != nil {
			t.Fatal(err)
		}
	}
	f, err := r.Next()
	if err != nil || string(f.Label) != "label 2" {
		t.Errorf("the third is %q, %v", f.Label, err)
	}
	if err := r.Skip(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last: %v", err)
	}
}

// Whoever has one of the identities reads; others are told what to do, and
// damage is told apart from a missing identity.
func TestIdentities(t *testing.T) {
	old, oldID := newKey(t)
	recent, recentID := newKey(t)
	_, strangeID := newKey(t)
	file, _ := frames(t, codec(t, keys(t, []string{old, recent})), "text")
	for _, c := range []struct {
		name string
		ids  []string
		says string // "" where it opens
	}{
		{"the one", []string{oldID}, ""},
		{"the other, among strange ones", []string{strangeID, "# created: 2026-01-01T00:00:00Z\r\n# public key: " + recent + "\r\n" + recentID + "\r\n"}, ""},
		{"none", nil, "landing.identity is not set"},
		{"a strange one", []string{strangeID}, "another recipient"},
	} {
		opener := codec(t, keys(t, nil, c.ids...))
		f, err := NewReader(bytes.NewReader(file)).Next()
		if err != nil {
			t.Fatal(err)
		}
		plain, err := opener.Open(f)
		switch {
		case c.says == "" && (err != nil || string(plain) != "text"):
			t.Errorf("%s: %q, %v", c.name, plain, err)
		case c.says != "" && (!errors.Is(err, ErrNoIdentity) || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
	file[len(file)-1] ^= 1
	if _, err := NewReader(bytes.NewReader(file)).Next(); !errors.Is(err, ErrDamaged) {
		t.Errorf("damage without an identity: %v", err)
	}
}

func TestKeys(t *testing.T) {
	recipient, identity := newKey(t)
	_, strange := newKey(t)
	pq, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		recipients, identities []string
		want                   error
	}{
		{nil, nil, nil},
		{[]string{recipient}, nil, nil},
		{[]string{" " + recipient + "\n"}, []string{identity}, nil},
		{nil, []string{identity}, nil}, // what was encrypted once is still read
		{[]string{pq.Recipient().String()}, []string{pq.String()}, nil},
		{[]string{recipient}, []string{strange}, ErrStrangeIdentity},
		{[]string{recipient}, []string{strange + "\n" + identity}, nil},
		{[]string{recipient, pq.Recipient().String()}, nil, ErrMixedRecipients},
		{[]string{identity}, nil, ErrSecretAsRecipient},
		{[]string{strings.ToLower(identity)}, nil, ErrSecretAsRecipient},
		{[]string{recipient[:len(recipient)-1]}, nil, ErrNoRecipient},
		{[]string{recipient + "\n" + recipient}, nil, ErrNoRecipient},
		{[]string{""}, nil, ErrNoRecipient},
		{[]string{"# " + recipient}, nil, ErrNoRecipient},
		{[]string{"ssh-ed25519 AAAA"}, nil, ErrNoRecipient},
		{nil, []string{identity[:len(identity)-1]}, ErrBadIdentity},
		{nil, []string{recipient}, ErrBadIdentity},
		{nil, []string{"# nothing"}, ErrBadIdentity},
	} {
		var k Keys
		var err error
		for _, r := range c.recipients {
			err = errors.Join(err, k.AddRecipient(r))
		}
		for _, id := range c.identities {
			err = errors.Join(err, k.AddIdentities(id))
		}
		if err == nil {
			err = k.Check()
		}
		if !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%q %q: %v, want %v", c.recipients, c.identities, err, c.want)
		}
		for _, secret := range []string{identity, strange} {
			if err != nil && strings.Contains(strings.ToUpper(err.Error()), secret[15:40]) {
				t.Errorf("the message holds the key: %v", err)
			}
		}
	}
}

// Without recipients a frame is zstd, and frames one after another are too.
func TestPlain(t *testing.T) {
	c := codec(t, Keys{})
	file, _ := frames(t, c, "one\n", "two\n")
	r, err := Decompress(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != "one\ntwo\n" {
		t.Errorf("%q, %v", got, err)
	}
	if c.Suffix() != ".zst" || Sealed("a.jsonl.zst") || !Sealed("a.jsonl.zst.age") {
		t.Errorf("the plain suffix is %s", c.Suffix())
	}
}
