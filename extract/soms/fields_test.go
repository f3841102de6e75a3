package soms

import (
	"testing"

	"github.com/nightaudit/nightaudit/extract/extracttest"
)

func TestDictionaryNamesTheFields(t *testing.T) {
	extracttest.CheckDictionary(t, "soms", orderFields, itemFields, paymentFields, favFields, settleDiscountFields, waybillFields, invoiceFields, remindFields, traceFields, traceDetailFields)
}
