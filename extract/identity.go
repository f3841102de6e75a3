package extract

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// Identity says whose orders an account reads. Two accounts that read the same
// would double them; an account that reads others than before would take those
// of before as deleted.
type Identity struct {
	// Address is that of the vendor, as the function Address gives it.
	Address string
	// Tenant is what of the vendor's is read, by its key and value
	// ("tenant_id 8560"), "" where nothing but the log-in tells. It holds no secret.
	Tenant string
	// Only are the parts of it that are read; nil is all of it.
	Only []string
}

// String is the identity as moved_from names it.
func (i Identity) String() string { return strings.TrimSpace(i.Address + " " + i.Tenant) }

// ParseIdentity reads what String gives. The address may be a whole one.
func ParseIdentity(text string) Identity {
	address, tenant, _ := strings.Cut(strings.TrimSpace(text), " ")
	return Identity{Address: Address(address), Tenant: strings.Join(strings.Fields(tenant), " ")}
}

// Same says whether two identities are one address and one tenant.
func (i Identity) Same(o Identity) bool { return i.Address == o.Address && i.Tenant == o.Tenant }

// Overlaps says whether two accounts read the same orders.
func (i Identity) Overlaps(o Identity) bool {
	common := func(part string) bool { return slices.Contains(o.Only, part) }
	return i.Same(o) && (i.Only == nil || o.Only == nil || slices.ContainsFunc(i.Only, common))
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
