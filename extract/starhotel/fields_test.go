package starhotel

import (
	"testing"

	"github.com/nightaudit/nightaudit/extract/extracttest"
)

func TestDictionaryNamesTheFields(t *testing.T) {
	extracttest.CheckDictionary(t, "starhotel", orderFields, accomFields)
}
