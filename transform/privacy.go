package transform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// Treatment says what becomes of a kind of personal data.
type Treatment string

// The treatments of contract.md, pii.
const (
	Keep Treatment = "keep"
	Mask Treatment = "mask"
	Hash Treatment = "hash"
	Drop Treatment = "drop"
)

// Privacy is the policy for personal data. It is applied before anything is
// staged. Key is the secret of the hashes: one guest has one hash in all
// sources.
type Privacy struct {
	Names, Phones, Emails, Documents, Addresses, Rooms Treatment
	Key                                                []byte
}

func (p *Privacy) apply(t Treatment, text string, mask func(string) string) string {
	if text == "" {
		return ""
	}
	switch t {
	case Keep:
		return text
	case Mask:
		return mask(text)
	case Hash:
		mac := hmac.New(sha256.New, p.Key)
		mac.Write([]byte(text))
		return hex.EncodeToString(mac.Sum(nil))
	}
	return ""
}

func (p *Privacy) guest(g *Guest) Guest {
	return Guest{
		GuestNo:  g.GuestNo,
		Name:     p.apply(p.Names, g.Name, maskName),
		Phone:    p.apply(p.Phones, g.Phone, maskPhone),
		Email:    p.apply(p.Emails, g.Email, maskEmail),
		IDCard:   p.apply(p.Documents, g.IDCard, maskPhone),
		Passport: p.apply(p.Documents, g.Passport, maskPhone),
	}
}

func (p *Privacy) room(no string) string { return p.apply(p.Rooms, no, maskName) }

// maskName keeps the first character: 张三 is 张*.
func maskName(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n] + "*"
}

// maskPhone keeps three characters in front and four behind: 13800000001 is
// 138****0001. A shorter text keeps its first character only.
func maskPhone(s string) string {
	r := []rune(s)
	if len(r) < 8 {
		return string(r[:1]) + "****"
	}
	return string(r[:3]) + "****" + string(r[len(r)-4:])
}

// maskEmail keeps the first character and the domain: d**@akubela.com.
func maskEmail(s string) string {
	name, domain, ok := strings.Cut(s, "@")
	if !ok || name == "" {
		return "**"
	}
	_, n := utf8.DecodeRuneInString(name)
	return name[:n] + "**@" + domain
}
