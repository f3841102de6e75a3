package main

import "fmt"

func growthOfOrders(orders ...int) row {
	return growth("orders", "orders",
		"first night of ever more SOMS orders of documented size", "300 MiB whatever their number, all within 20 %",
		orders, func(n int) vendorOptions { return documented(n, 0) })
}

func growthOfAccounts(accounts ...int) row {
	return growth("accounts", "accounts",
		"first night of ever more SOMS accounts of 50 small orders each", "what of an account's time is fixed is known",
		accounts, func(n int) vendorOptions { return vendorOptions{accounts: n, soms: 50} })
}

// growth is a first night over ever larger vendors.
func growth(name, unit, work, toReach string, steps []int, vendors func(n int) vendorOptions) row {
	r := row{name: name, unit: unit, work: work, toReach: toReach}
	for _, n := range steps {
		r.steps = append(r.steps, float64(n))
	}
	r.begin = func(b *bench) ([]subject, func(), error) {
		var subjects []subject
		for _, n := range steps {
			o := vendors(n)
			s := subject{name: fmt.Sprintf("%s %s", count(n), unit), command: runCommand}
			// Only one of the servers is there at a time, for the larger hold much.
			s.run = func() (measured, error) {
				address, stop, err := startVendors(b.ctx, o)
				if err != nil {
					return measured{}, err
				}
				defer stop()
				return b.firstNights(s.name, address, o, concurrency).run()
			}
			subjects = append(subjects, s)
		}
		return subjects, nil, nil
	}
	return r
}
