package starhotel

// personal: docs/sources/starhotel.md, Personal data. name is the guest's wherever it
// stands; rooms and room types have names of their own.
var personal = []string{"name", "phone", "remark", "images", "creator_id", "creator_name", "room_id", "room_name"}
