package guoxiaodi

import (
	"testing"

	"github.com/nightaudit/nightaudit/extract/extracttest"
)

func TestDictionaryNamesTheFields(t *testing.T) {
	extracttest.CheckDictionary(t, "guoxiaodi", statusFields, eventFields, tipsFields, tipFields, notificationFields, createdFields)
}
