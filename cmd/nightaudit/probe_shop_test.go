package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	courier "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// One command asks a shop and then the courier that delivers its orders, for the
// numbers that the shop has answered: before there is any database it finds out by
// which of them the courier goes, and writes that into the configuration.
func TestProbeTellsTheCouriersNumber(t *testing.T) {
	slowTest(t) // a call a second
	t.Parallel()
	var orders []soms.Order
	var deliveries []courier.Order
	for i := range 3 {
		id, waybill := fmt.Sprintf("A%d", i), fmt.Sprintf("GW%d", i)
		o := shopOrder(id, "2024-04-10 10:00:00", "20.00")
		o.Delivery = &soms.Delivery{Waybills: []soms.Waybill{{Carrier: &soms.IDName{ID: "gxd"}, WaybillID: waybill}}}
		orders = append(orders, o)
		deliveries = append(deliveries, courier.Order{OrderNo: "Y" + waybill, SourceOrderNo: waybill, ExpressStatus: "RECEIVED"})
	}
	shop := httptest.NewServer(soms.New(soms.Options{Username: shopUser, Password: shopPassword, Orders: orders}))
	t.Cleanup(shop.Close)
	deliverer := httptest.NewServer(courier.New(courier.Options{Orders: deliveries}))
	t.Cleanup(deliverer.Close)
	file := filepath.Join(t.TempDir(), "nightaudit.yaml")
	config := "version: 1\npii: {key: k}\nsources:\n  soms:\n    - account: retail\n      base_url: '" + shop.URL +
		"'\n      tenant_id: '8560'\n      auth: {kind: basic, username: " + shopUser + ", password: \"${SHOP_PASSWORD}\"}\n" +
		"  guoxiaodi:\n    - account: courier\n      base_url: '" + deliverer.URL + "'\n      from_soms: {account: retail, carriers: [gxd], key: id} # the shop's own\n"
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	said := nightaudit(t, "--config", file, "probe", "--max-calls", "16", "--write")
	want := "by waybill_id as sourceOrderNo (id as sourceOrderNo 0/3, front_order_id as sourceOrderNo 0/3, waybill_id as sourceOrderNo 3/3)"
	if !strings.Contains(said, want) {
		t.Errorf("says %s\nand not %q", said, want)
	}
	written, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(written), "key: waybill_id} # the shop's own\n") || !strings.Contains(string(written), "as: sourceOrderNo") {
		t.Errorf("the configuration is now, %v:\n%s", err, written)
	}
}
