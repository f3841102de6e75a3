package guoxiaodi

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/probe"
)

//go:embed questions.yaml
var questions []byte

// Questions are what the document leaves open.
func (a *account) Questions() []byte { return questions }

// Of each kind of number so many are asked for, of a kind that is not configured one
// fewer, so that the default of 40 calls is enough; and so many that are known prove the
// kind.
const (
	fewOfEach  = 5
	fewOfOther = 4
	proves     = 3
)

// Probe asks the status of numbers of the register and of the shop's orders that
// the probe of SOMS has read in the same command (Session.Shop), and of numbers
// that nobody has.
func (a *account) Probe(ctx context.Context, s *probe.Session) error {
	registered, err := a.lastRegistered()
	if err != nil {
		return err
	}
	q := inquiry{account: a, Session: s, registered: registered, shop: a.delivered(s.Shop())}
	q.nobody = q.nobodys(0)
	for _, step := range []func(context.Context) error{q.begin, q.register, q.shopNumbers, q.unknown, q.times} {
		if err := step(ctx); err != nil {
			return err
		}
		if q.shut {
			return q.TellRest("refused", readings(q.asked)...)
		}
	}
	return q.signature()
}

// inquiry is the probe of an account.
type inquiry struct {
	*account
	*probe.Session

	registered []extract.Due
	shop       []probe.ShopOrder
	nobody     extract.Due // whom nobody knows

	asked []*reply // all of them
	first *reply   // what came of nobody
	known *reply   // the first order that was answered
	shut  bool     // every call is refused
}

// reply is what the courier said of a number.
type reply struct {
	*probe.Reading
	due      extract.Due
	answered bool   // some order came
	known    bool   // and it is the one that was asked for, as far as it says
	code     string // of a refusal; "" where there is none
}

func readings(replies []*reply) []*probe.Reading {
	all := make([]*probe.Reading, len(replies))
	for i, r := range replies {
		all[i] = r.Reading
	}
	return all
}

// ask asks for the status of an order.
func (q *inquiry) ask(ctx context.Context, d extract.Due) (*reply, error) {
	reading, err := q.Try(ctx, func(ctx context.Context) (*extract.Page, error) {
		page, _, err := q.query(ctx, streamStatus, d)
		if err == nil {
			page.Subject = extract.Subject{OrderID: d.OrderID, Number: d.OrderNo}
		}
		return page, err
	})
	if err != nil {
		return nil, err
	}
	r := &reply{Reading: reading, due: d}
	if reading.Refused != nil {
		r.code = reading.Refused.Code
	} else {
		s, err := readStatus(reading.Page.Body)
		if err != nil {
			return nil, extract.BadAnswer("read the status of a number", err)
		}
		r.answered = !s.missing(q.account)
		r.known = r.answered && about(s.Data.OrderNo.Plain(), d)
		if s.code.Text != "0" {
			r.code = s.code.Text
		}
	}
	q.asked = append(q.asked, r)
	return r, nil
}

// about reports whether an answer's orderNo is the one that was asked for, if one was.
func about(orderNo string, d extract.Due) bool {
	return d.OrderID == "" || orderNo == "" || orderNo == d.OrderID
}

// begin asks for a number that nobody has, and for one that somebody may have. Where
// both are refused as a call without a log-in is, so is every other.
func (q *inquiry) begin(ctx context.Context) error {
	var err error
	if q.first, err = q.ask(ctx, q.nobody); err != nil {
		return err
	}
	if !barred(q.first) {
		return nil
	}
	r, err := q.ask(ctx, cmp.Or(q.sample(), q.nobodys(1)))
	if err != nil {
		return err
	}
	if q.shut = barred(r) && r.code == q.first.code; !q.shut {
		return nil
	}
	outcome := "asked"
	if q.signs() {
		outcome = "not_accepted"
	}
	return q.Tell("signature", outcome, map[string]any{"code": r.code}, readings(q.asked)...)
}

// barred reports whether a call was refused as one that is not signed would be.
func barred(r *reply) bool {
	return r.Refused != nil && (r.Refused.Class == extract.Expired || r.code == "403")
}

// sample is a number that somebody may have; zero where none is known.
func (q *inquiry) sample() extract.Due {
	if len(q.registered) > 0 {
		return q.registered[0]
	}
	if len(q.shop) > 0 {
		return dueOf(q.shop[0], q.kinds()[0])
	}
	return extract.Due{}
}

// nobodys is a number of the same shape as one that somebody may have, and nobody's:
// its digits are all nines, or, as a second one, all eights.
func (q *inquiry) nobodys(second int) extract.Due { return nobodyLike(q.sample(), second) }

func nobodyLike(like extract.Due, second int) extract.Due {
	digit := rune('9' - second)
	shaped := func(number string) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return digit
			}
			return r
		}, number)
	}
	made := extract.Due{OrderID: shaped(like.OrderID), OrderNo: shaped(like.OrderNo)}
	if made == like { // without digits, or with no others
		return extract.Due{OrderNo: nobodysNumber + strconv.Itoa(second)}
	}
	return made
}

// some asks for orders until enough are known to prove their kind, and counts.
func (q *inquiry) some(ctx context.Context, list []extract.Due) (known int, replies []*reply, err error) {
	for _, d := range list {
		r, err := q.ask(ctx, d)
		if err != nil {
			return 0, nil, err
		}
		replies = append(replies, r)
		if r.known {
			known++
			if q.known == nil {
				q.known = r
			}
		}
		if known == proves {
			break
		}
	}
	return known, replies, nil
}

// anybody reports whether an order is answered for any number that is asked for as d
// is: then nothing is known of d.
func (q *inquiry) anybody(ctx context.Context, d extract.Due) (bool, error) {
	if (d.OrderID == "") == (q.nobody.OrderID == "") && (d.OrderNo == "") == (q.nobody.OrderNo == "") {
		return q.first.answered, nil
	}
	r, err := q.ask(ctx, nobodyLike(d, 0))
	return err == nil && r.answered, err
}

// unknown tells what comes for a number that nobody has, by two of them, between
// which somebody's was answered.
func (q *inquiry) unknown(ctx context.Context) error {
	values := map[string]any{"code": q.first.code}
	if q.known == nil {
		return q.Tell("unknown_code", "unclear", values, q.first.Reading)
	}
	second, err := q.ask(ctx, q.nobodys(1))
	if err != nil {
		return err
	}
	outcome, codes := "other", slices.Clone(q.config.UnknownCodes)
	n, notANumber := strconv.ParseInt(q.first.code, 10, 64)
	switch {
	case q.first.answered || second.answered:
		outcome = "anything"
	case q.first.code != second.code || q.first.code != "" && notANumber != nil:
		outcome = "varies"
	case q.first.code == "":
		outcome = "no_data"
	case slices.Contains(codes, n):
		outcome = "as_set"
	}
	var texts []string
	for _, c := range append(codes, n) {
		texts = append(texts, strconv.FormatInt(c, 10))
	}
	values["codes"] = "[" + strings.Join(texts, ", ") + "]"
	return q.Tell("unknown_code", outcome, values, q.first.Reading, q.known.Reading, second.Reading)
}

// times tells of how many digits the times of an order's feed are.
func (q *inquiry) times(ctx context.Context) error {
	if q.known == nil {
		return q.Tell("times", "unseen", nil)
	}
	d := q.known.due
	r, err := q.Try(ctx, func(ctx context.Context) (*extract.Page, error) {
		page, _, err := q.query(ctx, streamFeed, d)
		if err == nil {
			page.Subject = extract.Subject{OrderID: d.OrderID, Number: d.OrderNo}
		}
		return page, err
	})
	if err != nil {
		return err
	}
	digits := map[int]int{}
	if r.Refused == nil {
		var feed queryAnswer[feedData]
		if err := readAnswer(r.Page.Body, feedFields, &feed); err != nil {
			return extract.BadAnswer("read the feed of a number", err)
		}
		for i := range feed.Data.Feed.Items {
			if at := feed.Data.Feed.Items[i].HappenTime.Plain(); at != "" {
				digits[len(at)]++
			}
		}
	}
	millis, seconds := digits[13], digits[10]
	delete(digits, 13)
	delete(digits, 10)
	outcome := "mixed"
	switch {
	case len(digits) > 0:
		outcome = "others"
	case millis == 0 && seconds == 0:
		outcome = "unseen"
	case seconds == 0:
		outcome = "millis"
	case millis == 0:
		outcome = "seconds"
	}
	return q.Tell("times", outcome, map[string]any{"millis": millis, "seconds": seconds}, r)
}

// signs reports whether the account signs its calls.
func (q *inquiry) signs() bool { return q.config.Auth.Kind() == kindSignature.Name }

// signature tells whether calls are taken as they are sent.
func (q *inquiry) signature() error {
	if q.known == nil {
		return q.Tell("signature", "unclear", map[string]any{"calls": len(q.asked), "code": q.first.code}, readings(q.asked)...)
	}
	outcome := "not_asked"
	if q.signs() {
		outcome = "accepted"
	}
	return q.Tell("signature", outcome, nil, q.known.Reading)
}

// count is "3/5": so many known of those that were asked for.
func count(known int, replies []*reply) string { return fmt.Sprintf("%d/%d", known, len(replies)) }
