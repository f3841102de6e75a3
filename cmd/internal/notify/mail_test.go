package notify

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/nightaudit/nightaudit/reports/labels"
)

// postOffice is a mail server on this machine that takes mail of whoever logs in.
type postOffice struct {
	roots *x509.CertPool
	host  string
	port  int

	mu      sync.Mutex
	letters []letter
	logIns  int // that were right
	refuse  error
}

type letter struct {
	from      string
	to        []string
	encrypted bool
	data      []byte
}

const (
	mailUser     = "night"
	mailPassword = "p-a-s-s-w-o-r-d"
)

// startPostOffice starts one that is encrypted from the first byte, or one that offers
// STARTTLS and takes no log-in before.
func startPostOffice(t *testing.T, implicit bool) *postOffice {
	t.Helper()
	certificate, roots := certificateOf(t, "127.0.0.1")
	office := &postOffice{roots: roots}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		_, encrypted := c.TLSConnectionState()
		return &visit{office: office, encrypted: encrypted}, nil
	}))
	server.Domain = "office.example"
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	office.host = host
	if office.port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	if implicit {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return office
}

// visit is one connection.
type visit struct {
	office    *postOffice
	encrypted bool
	in        bool
	letter    letter
}

func (v *visit) AuthMechanisms() []string { return []string{sasl.Plain} }

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != mailUser || password != mailPassword {
			return smtp.ErrAuthFailed
		}
		v.in = true
		v.office.mu.Lock()
		defer v.office.mu.Unlock()
		v.office.logIns++
		return nil
	}), nil
}

func (v *visit) Mail(from string, _ *smtp.MailOptions) error {
	if !v.in {
		return smtp.ErrAuthRequired
	}
	v.letter = letter{from: from, encrypted: v.encrypted}
	return v.office.refuse
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.letter.to = append(v.letter.to, to)
	return nil
}

func (v *visit) Data(r io.Reader) (err error) {
	if v.letter.data, err = io.ReadAll(r); err != nil {
		return err
	}
	v.office.mu.Lock()
	defer v.office.mu.Unlock()
	v.office.letters = append(v.office.letters, v.letter)
	return nil
}

func (v *visit) Reset()        {}
func (v *visit) Logout() error { return nil }

// certificateOf makes a certificate of an address, and the roots that trust it.
func certificateOf(t *testing.T, address string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP(address)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// mailTo are the settings of a channel to an office.
func mailTo(office *postOffice, encryption string) Settings {
	return Settings{
		Kind: "mail", Host: office.host, Port: office.port, TLS: encryption, Username: mailUser, Password: mailPassword,
		From: "夜审 <night@hotel.example>", To: []string{"finance@hotel.example", "boss@hotel.example"}, Attach: []string{Workbook, Page},
	}
}

// parts are the pieces of a mail by their content type, decoded, and its files by
// their name.
func parts(t *testing.T, header func(string) string, body io.Reader, into map[string][]byte) {
	t.Helper()
	media, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(media, "multipart/") {
		for r := multipart.NewReader(body, params["boundary"]); ; {
			part, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			parts(t, part.Header.Get, part, into)
		}
	}
	switch header("Content-Transfer-Encoding") {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	name := media
	if _, disposition, err := mime.ParseMediaType(header("Content-Disposition")); err == nil && disposition["filename"] != "" {
		if name, err = new(mime.WordDecoder).DecodeHeader(disposition["filename"]); err != nil {
			t.Fatal(err)
		}
	}
	into[name] = data
}

// Mail arrives by STARTTLS and over TLS from the first byte, with a log-in, and is
// what a mail program shows: subject, text, the same as HTML, and the files byte by
// byte.
func TestMail(t *testing.T) {
	dir := t.TempDir()
	book, page := make([]byte, 300_000), []byte("<!DOCTYPE html>\n<p>晨报</p>\r\n")
	if _, err := rand.Read(book); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "对账_2023-11-14.xlsx"), string(book))
	write(t, filepath.Join(dir, "reconciliation_2023-11-14.html"), string(page))
	for _, encryption := range []string{"starttls", "implicit"} {
		t.Run(encryption, func(t *testing.T) {
			office := startPostOffice(t, encryption == "implicit")
			log := &strings.Builder{}
			n := failing("the log-in was <refused> & more")
			n.Files = []File{{Workbook, filepath.Join(dir, "对账_2023-11-14.xlsx")}, {Page, filepath.Join(dir, "reconciliation_2023-11-14.html")}}
			tellerOf(t, Options{Language: labels.Chinese, Roots: office.roots, Log: textLog(log), Now: func() time.Time { return at }}, open(t, mailTo(office, encryption))).Tell(t.Context(), n)
			if log.String() != "" || len(office.letters) != 1 || office.logIns != 1 {
				t.Fatalf("%d letters, %d log-ins\n%s", len(office.letters), office.logIns, log)
			}
			l := office.letters[0]
			if !l.encrypted || l.from != "night@hotel.example" || !slices.Equal(l.to, []string{"finance@hotel.example", "boss@hotel.example"}) {
				t.Errorf("encrypted %v, from %s to %v", l.encrypted, l.from, l.to)
			}
			message, err := netmail.ReadMessage(bytes.NewReader(l.data))
			if err != nil {
				t.Fatal(err)
			}
			subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
			if err != nil || subject != "nightaudit 2023-11-15 06:13：部分完成" {
				t.Errorf("the subject is %q (%v)", subject, err)
			}
			from, err := message.Header.AddressList("From")
			if err != nil || from[0].Name != "夜审" {
				t.Errorf("from %v (%v)", from, err)
			}
			if date, err := message.Header.Date(); err != nil || !date.Equal(at) || message.Header.Get("Auto-Submitted") != "auto-generated" {
				t.Errorf("of %v (%v), headers %v", date, err, message.Header)
			}
			got := map[string][]byte{}
			parts(t, message.Header.Get, message.Body, got)
			for name, want := range map[string]string{
				"text/plain":                     "nightaudit 2023-11-15 06:13：部分完成\r\n新增：soms/retail 失败：the log-in was <refused> & more。处理：运行 nightaudit check 检查该账户，不会载入数据\r\n",
				"text/html":                      "<!DOCTYPE html>\r\n<html><body>\r\n<p>nightaudit 2023-11-15 06:13：部分完成</p>\r\n<p>新增：soms/retail 失败：the log-in was &lt;refused&gt; &amp; more。处理：运行 nightaudit check 检查该账户，不会载入数据</p>\r\n</body></html>\r\n",
				"对账_2023-11-14.xlsx":             string(book),
				"reconciliation_2023-11-14.html": string(page),
			} {
				if string(got[name]) != want {
					t.Errorf("%s has %d bytes, want %d:\n%.400q", name, len(got[name]), len(want), got[name])
				}
			}
			if len(got) != 4 {
				t.Errorf("the mail has %d parts", len(got))
			}
		})
	}
}

// A file that is gone, or larger than mail servers take, is named in the mail and is
// not attached; the mail goes all the same.
func TestMailWithoutFiles(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.xlsx")
	write(t, large, strings.Repeat("x", mostAttached+1))
	office := startPostOffice(t, false)
	n := failing("why")
	n.Files = []File{{Workbook, large}, {Page, filepath.Join(dir, "gone.html")}}
	tellerOf(t, Options{Roots: office.roots}, open(t, mailTo(office, "starttls"))).Tell(t.Context(), n)
	if len(office.letters) != 1 {
		t.Fatalf("%d letters", len(office.letters))
	}
	message, err := netmail.ReadMessage(bytes.NewReader(office.letters[0].data))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]byte{}
	parts(t, message.Header.Get, message.Body, got)
	want := "nightaudit 2023-11-15 06:13: done in part\r\nNew: soms/retail failed: why. Do: nightaudit check tries the account and loads nothing\r\n" +
		"large.xlsx could not be attached: it is in the folder of reports\r\ngone.html could not be attached: it is in the folder of reports\r\n"
	if string(got["text/plain"]) != want || len(got) != 2 {
		t.Errorf("%d parts, the text is\n%s", len(got), got["text/plain"])
	}
}

// What keeps a mail from going is said without a password, an address or the
// server's words.
func TestMailRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(s *Settings, o *Options, office *postOffice)
		why    string
	}{
		{"a wrong password", func(s *Settings, _ *Options, _ *postOffice) { s.Password = "another-p-a-s-s-w-o-r-d" }, "the server refuses the log-in (535); compare username and password"},
		{"no log-in", func(s *Settings, _ *Options, _ *postOffice) { s.Username, s.Password = "", "" }, "the server refuses the mail (502, sending SMTP MAIL FROM command); compare from and to, and what the server asks of who sends"},
		{"a certificate that nobody trusts", func(_ *Settings, o *Options, _ *postOffice) { o.Roots = nil }, "its certificate is not trusted: x509: certificate signed by unknown authority; have the server show one that this machine trusts for that name"},
		{"a server without TLS from the first byte", func(s *Settings, _ *Options, _ *postOffice) { s.TLS = "implicit" }, "the server does not do what it should; compare host, port and tls"},
		{"a sender that is refused for good", func(_ *Settings, _ *Options, office *postOffice) {
			office.refuse = &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "night@hotel.example is not yours, night"}
		}, "the server refuses the mail (553, sending SMTP MAIL FROM command); compare from and to, and what the server asks of who sends"},
	} {
		t.Run(c.name, func(t *testing.T) {
			office := startPostOffice(t, false)
			s, log, clock := mailTo(office, "starttls"), &strings.Builder{}, &clock{at: at}
			o := clock.options()
			o.Roots, o.Log = office.roots, textLog(log)
			c.change(&s, &o, office)
			tellerOf(t, o, open(t, s)).Tell(t.Context(), failing("why"))
			if _, why, _ := strings.Cut(log.String(), " why="); why != strconv.Quote(c.why)+"\n" || len(office.letters) > 0 {
				t.Errorf("%d letters, the log is %s", len(office.letters), log)
			}
		})
	}
}

// A mail server that is busy for a moment is asked again.
func TestMailAgain(t *testing.T) {
	office := startPostOffice(t, false)
	office.refuse = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "come back later"}
	clock := &clock{at: at}
	o := clock.options()
	o.Roots = office.roots
	wait := o.Sleep
	n := 0
	o.Sleep = func(ctx context.Context, d time.Duration) error {
		if n++; n == 2 { // before the second attempt
			office.refuse = nil
		}
		return wait(ctx, d)
	}
	tellerOf(t, o, open(t, mailTo(office, "starttls"))).Tell(t.Context(), failing("why"))
	if len(office.letters) != 1 || clock.at.Sub(at) < 2*time.Second {
		t.Errorf("%d letters after %v", len(office.letters), clock.at.Sub(at))
	}
}
