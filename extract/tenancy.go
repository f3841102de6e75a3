package extract

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// Tenancy says whose orders an account reads. Two accounts that read the same
// would double them; an account that reads others than before would take those
// of before as deleted.
type Tenancy struct {
	// Address is that of the vendor, as the function Address gives it.
	Address string
	// Tenant is what of the vendor's is read, by its key and value
	// ("tenant_id 8560"), "" where nothing but the log-in tells. It holds no secret.
	Tenant string
	// Only are the parts of it that are read; nil is all of it.
	Only []string
}

// String is the tenancy as moved_from names it.
func (t Tenancy) String() string { return strings.TrimSpace(t.Address + " " + t.Tenant) }

// ParseTenancy reads what String gives. The address may be a whole one.
func ParseTenancy(text string) Tenancy {
	address, tenant, _ := strings.Cut(strings.TrimSpace(text), " ")
	return Tenancy{Address: Address(address), Tenant: strings.Join(strings.Fields(tenant), " ")}
}

// Same says whether two tenancies are one address and one tenant.
func (t Tenancy) Same(o Tenancy) bool { return t.Address == o.Address && t.Tenant == o.Tenant }

// Overlaps says whether two accounts read the same orders.
func (t Tenancy) Overlaps(o Tenancy) bool {
	common := func(part string) bool { return slices.Contains(o.Only, part) }
	return t.Same(o) && (t.Only == nil || o.Only == nil || slices.ContainsFunc(t.Only, common))
}

// Address is a base address as two of them compare: without the scheme, its
// default port, capital letters in the host and slashes at the end.
func Address(base string) string {
	if !strings.Contains(base, "://") {
		base = "https://" + base
	}
	u, err := url.Parse(base)
	if err != nil {
		return strings.ToLower(base)
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if strings.Contains(host, ":") { // IPv6
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && port != map[string]string{"https": "443", "http": "80"}[strings.ToLower(u.Scheme)] {
		host += ":" + port
	}
	return host + strings.TrimSuffix(path.Clean("/"+u.EscapedPath()), "/")
}
