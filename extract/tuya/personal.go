package tuya

// personal: docs/sources/tuya.md, Personal data. Guests and invoice as a whole: what else
// stands in them is about the same persons.
var personal = []string{"customer_list", "customer_name", "customer_contact", "room_no", "invoice"}
