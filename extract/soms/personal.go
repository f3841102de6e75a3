package soms

// personal: docs/sources/soms.md, Personal data and secrets: customers, receivers, members,
// sales people and couriers, what an invoice says of its buyer, codes by which
// goods are handed out, texts that people wrote, and tokens.
var personal = []string{
	"customer", "contact", "address", "receiver", "member_info", "salesman", "payee",
	"deliveryman", "deliveryman_id", "deliveryman_mobile", "deliveryman_phone", "trace_url", "longitude", "latitude",
	"creator", "modifier", "operator", "operator_id", "operator_name", "reply_operator",
	"invoice.details.title", "invoice.details.content", "invoice.details.account", "invoice.details.telephone",
	"invoice.details.bank", "invoice.details.email", "invoice.details.url", "invoice.details.buyer_tax_code",
	"invoice.details.taxer_id", "invoice.details.print_number", "invoice.details.securaty_code",
	"invoice.details.check_code", "invoice.details.serial_no", "invoice.apply_qrcode", "invoice.error_reason",
	"invoice_take_code", "payment.details.account_no", "payment.details.account_name",
	"pickup_code", "selftake_code", "city_token",
	"customer_note", "seller_note", "carrier_note", "remark", "message", "reason", "exception_reason", "exception_remark",
	"reply_content", "wish",
	"print_bills", "waybill_print_info", "encrypt_detail", "extra_info", "fault_tolerant_info", "shipping_voucher_urls",
	"datas.data",
}
