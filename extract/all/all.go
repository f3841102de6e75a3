// Package all lists the sources. Another source adds its line here.
package all

import (
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/akubela"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi"
	"github.com/nightaudit/nightaudit/extract/soms"
	"github.com/nightaudit/nightaudit/extract/starhotel"
	"github.com/nightaudit/nightaudit/extract/tuya"
)

// Drivers are the sources in the order in which they are shown and, unless
// one needs another, fetched.
func Drivers() []extract.Driver {
	return []extract.Driver{
		tuya.Driver(),
		akubela.Driver(),
		soms.Driver(),
		starhotel.Driver(),
		guoxiaodi.Driver(),
	}
}
