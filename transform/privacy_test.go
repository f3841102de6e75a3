package transform

import "testing"

// treated is somebody under a policy of one treatment for all, with the key "k".
func treated(t Treatment, g Guest) Guest {
	p := Privacy{Names: t, Phones: t, Emails: t, Documents: t, Addresses: t, Rooms: t, Key: []byte("k")}
	return p.guest(&g)
}

var zhang = Guest{GuestNo: 1, Name: "张三", Phone: "13800000001", Email: "guest@example.com", IDCard: "11010519491231002X", Passport: "E1234567"}

func TestTreatments(t *testing.T) {
	for treatment, want := range map[Treatment]Guest{
		Keep: zhang,
		Drop: {GuestNo: 1},
		Mask: {GuestNo: 1, Name: "张*", Phone: "138****0001", Email: "g**@example.com", IDCard: "110****002X", Passport: "E****"},
		// By Python: hmac.new(b"k", text.encode(), hashlib.sha256).hexdigest()
		Hash: {
			GuestNo:  1,
			Name:     "d62042ec97848a47c004d6ca093172e85adb6f7b3c64ddaac6e3c39f6ef24ea6",
			Phone:    "65d073eb5887e945c2d9eb8dd9f2cb2cb2c0fd31888747ae1e55e70d412866b7",
			Email:    "9b88108085279475c7776c804c7e817e2c1d7bde4494e5c37a4a56f7157f87d5",
			IDCard:   "53b028968d90e781560f4625ee7b77e77ed9f5ddc78005d3f0bfbe94a2c0c2e9",
			Passport: "37cab92818b610a3cf99b09e42fd8bf3307b0ff0fc08dc2579685bb7d538e2cd",
		},
	} {
		if got := treated(treatment, zhang); got != want {
			t.Errorf("%s: %+v, want %+v", treatment, got, want)
		}
		if got := treated(treatment, Guest{GuestNo: 1}); got != (Guest{GuestNo: 1}) {
			t.Errorf("%s: nothing known of a guest became %+v", treatment, got)
		}
	}
}

// Of a short text a mask shows next to nothing.
func TestShortTextsMasked(t *testing.T) {
	for text, want := range map[string]string{"62223333": "6****", "0571622233": "0****", "05716222333": "057****2333", "1": "1****"} {
		if got := treated(Mask, Guest{Phone: text}).Phone; got != want {
			t.Errorf("the phone %s is shown as %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{"nobody": "**", "@example.com": "**", "d@example.com": "d**@example.com", "李@例子.中国": "李**@例子.中国"} {
		if got := treated(Mask, Guest{Email: text}).Email; got != want {
			t.Errorf("the email %s is shown as %s, want %s", text, got, want)
		}
	}
}

// The speakers write +86 before a number and the PMS does not; systems write an
// id card's X in either case. The hash is the same, so that a guest is found in
// both without being known.
func TestHashesAgreeAcrossSources(t *testing.T) {
	want := treated(Hash, zhang)
	for _, phone := range []string{"+8613800000001", "+86 138-0000-0001", "008613800000001", "138 0000 0001", "(138)0000.0001"} {
		if got := treated(Hash, Guest{Phone: phone}).Phone; got != want.Phone {
			t.Errorf("%s has a hash of its own", phone)
		}
	}
	got := treated(Hash, Guest{Name: " 张三", Email: "Guest@Example.com ", IDCard: "11010519491231002x", Passport: "e1234567"})
	if got.Name != want.Name || got.Email != want.Email || got.IDCard != want.IDCard || got.Passport != want.Passport {
		t.Errorf("%+v, want the hashes of %+v", got, want)
	}
	for _, other := range []string{"13800000002", "+4413800000001", "8613800000001"} {
		if treated(Hash, Guest{Phone: other}).Phone == want.Phone {
			t.Errorf("%s has the hash of another number", other)
		}
	}
	if same := (&Privacy{Phones: Hash, Key: []byte("other")}).guest(&zhang); same.Phone == want.Phone {
		t.Error("another key makes the same hash")
	}
}
