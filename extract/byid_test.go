package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestByID(t *testing.T) {
	refused := fmt.Errorf("read order: %w", ErrRefused)
	down := errors.New("down")
	for _, c := range []struct {
		name    string
		answers map[string]error // by order; nil is a page
		empty   string           // the order whose page holds no record
		due     string
		yielded string
		warned  string
		err     error
	}{
		{"all shown", map[string]error{"a": nil, "b": nil}, "", "a b", "a b", "", nil},
		{"one refused", map[string]error{"a": refused, "b": nil}, "", "a b", "b", "a", nil},
		{"one without a record", map[string]error{"a": nil, "b": nil}, "b", "a b", "a b", "b", nil},
		{"the only one refused", map[string]error{"a": refused}, "", "a", "", "a", nil},
		{"all refused", map[string]error{"a": refused, "b": refused}, "", "a b", "", "a b", ErrRefused},
		{"another error", map[string]error{"a": nil, "b": down, "c": nil}, "", "a b c", "a", "", down},
		{"none asked for", nil, "", "", "", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var due []Due
			for _, id := range strings.Fields(c.due) {
				due = append(due, Due{OrderID: id})
			}
			var said bytes.Buffer
			var yielded []string
			err := ByID(context.Background(), slog.New(slog.NewTextHandler(&said, nil)), due, 1,
				func(_ context.Context, id string) (*Page, error) {
					if err := c.answers[id]; err != nil {
						return nil, err
					}
					return new(Page), nil
				},
				func(p *Page) (Facts, error) {
					yielded = append(yielded, p.Subject.OrderID)
					if p.Subject.OrderID == c.empty {
						return Facts{}, nil
					}
					return Facts{Rows: 1}, nil
				})
			if !errors.Is(err, c.err) {
				t.Errorf("error %v, want %v", err, c.err)
			}
			if got := strings.Join(yielded, " "); got != c.yielded {
				t.Errorf("yielded %q, want %q", got, c.yielded)
			}
			var warned []string
			for line := range strings.Lines(said.String()) {
				_, id, _ := strings.Cut(strings.TrimSpace(line), "order_id=")
				warned = append(warned, id)
			}
			if got := strings.Join(warned, " "); got != c.warned {
				t.Errorf("warned of %q, want %q", got, c.warned)
			}
		})
	}
}
