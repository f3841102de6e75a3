package akubela

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/probe"
)

//go:embed questions.yaml
var questions []byte

// Questions are what the document leaves open.
func (a *account) Questions() []byte { return questions }

// Probe asks them by reads of the list alone.
func (a *account) Probe(ctx context.Context, s *probe.Session) error {
	_, err := s.Pages(ctx, probe.List{
		First: a.PageNumber(1), Size: a.PageSize,
		Read: func(ctx context.Context, number, size int) (*extract.Page, error) {
			return a.readList(ctx, fmt.Sprintf("probe page %d of %d orders", number, size), number, size)
		},
	})
	return err
}
