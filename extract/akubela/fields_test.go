package akubela

import (
	"testing"

	"github.com/nightaudit/nightaudit/extract/extracttest"
)

func TestDictionaryNamesTheFields(t *testing.T) {
	extracttest.CheckDictionary(t, "akubela", orderFields, guestFields, detailFields)
}
