package notify

import (
	"fmt"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/reports/labels"
)

// words are what messages say, in the language of the reports.
type words struct {
	*labels.Labels
	language string
	zone     *time.Location
	names    labels.Names // of accounts
}

// text is one of labels.yaml, below notify.
func (w *words) text(key string, figures ...any) string {
	text := w.Texts["notify."+key].In(w.language)
	if len(figures) == 0 {
		return text
	}
	return fmt.Sprintf(text, figures...)
}

// say is a message of the program.
func (w *words) say(message string) string { return w.Say(w.language, message) }

func (w *words) severity(code string) string {
	return strings.ToLower(w.Values["severity"][code].In(w.language))
}

// day is the calendar day of an instant, yyyy-MM-dd.
func (w *words) day(at time.Time) string { return at.In(w.zone).Format(time.DateOnly) }
