package tuya

import (
	"testing"

	"github.com/nightaudit/nightaudit/extract/extracttest"
)

func TestDictionaryNamesTheFields(t *testing.T) {
	extracttest.CheckDictionary(t, "tuya", orderFields, commodityFields, customerFields, invoiceFields)
}
