package transform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"
)

// Treatment says what becomes of a kind of personal data.
type Treatment string

// The treatments of docs/contract.md, pii.
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

func (p *Privacy) treatments() []Treatment {
	return []Treatment{p.Names, p.Phones, p.Emails, p.Documents, p.Addresses, p.Rooms}
}

// Hashes reports whether anything is hashed with the key.
func (p *Privacy) Hashes() bool { return slices.Contains(p.treatments(), Hash) }

// SHA256 names the policy, in hex: two policies of one name give the same
// values. The secret counts only where something is hashed with it, and stands
// in the name as the key of a hash, never as a text.
func (p *Privacy) SHA256() string {
	treatments := p.treatments()
	var key []byte
	if p.Hashes() {
		key = p.Key
	}
	mac := hmac.New(sha256.New, key)
	for _, t := range treatments {
		mac.Write([]byte("privacy policy " + string(t) + "\n"))
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// apply treats a text. alike is the form of it of which a hash is made, nil
// where that is the text: one person's is the same however a vendor writes it.
func (p *Privacy) apply(t Treatment, text string, mask, alike func(string) string) string {
	if text == "" {
		return ""
	}
	switch t {
	case Keep:
		return text
	case Mask:
		return mask(text)
	case Hash:
		if alike != nil {
			text = alike(text)
		}
		mac := hmac.New(sha256.New, p.Key)
		mac.Write([]byte(text))
		return hex.EncodeToString(mac.Sum(nil))
	}
	return ""
}

func (p *Privacy) guest(g *Guest) Guest {
	return Guest{
		GuestNo:  g.GuestNo,
		Name:     p.apply(p.Names, g.Name, maskName, strings.TrimSpace),
		Phone:    p.apply(p.Phones, g.Phone, maskPhone, alikePhone),
		Email:    p.apply(p.Emails, g.Email, maskEmail, alikeEmail),
		IDCard:   p.apply(p.Documents, g.IDCard, maskPhone, alikeDocument),
		Passport: p.apply(p.Documents, g.Passport, maskPhone, alikeDocument),
	}
}

// alikePhone is a number without what groups its digits, and a Chinese one
// without its country code: one system writes +86 138-0000-0001, another
// 13800000001.
func alikePhone(s string) string {
	s = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "").Replace(s)
	if international, ok := strings.CutPrefix(s, "00"); ok {
		s = "+" + international
	}
	const mobile = 11 // digits within China
	if national, ok := strings.CutPrefix(s, "+86"); ok && len(national) == mobile {
		return national
	}
	return s
}

// alikeEmail and alikeDocument are in one case: 31002x is 31002X.
func alikeEmail(s string) string    { return strings.ToLower(strings.TrimSpace(s)) }
func alikeDocument(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// RoomNo is a room's name as the policy lets it stand in the database.
func (p *Privacy) RoomNo(no string) string { return p.room(no) }

func (p *Privacy) room(no string) string { return p.apply(p.Rooms, no, maskName, nil) }

// maskName keeps the first character: 张三 is 张*.
func maskName(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n] + "*"
}

// maskPhone keeps three characters in front and four behind: 13800000001 is
// 138****0001. A text shorter than that, of which hardly anything would be
// hidden, keeps its first character only.
func maskPhone(s string) string {
	r := []rune(s)
	if len(r) < 11 {
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
