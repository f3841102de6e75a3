package akubela

// personal: docs/sources/akubela.md, Personal data. A guest as a whole: its id is a
// person's, too.
var personal = []string{"guests", "guest_name", "residence_no", "residence_id", "remark"}
