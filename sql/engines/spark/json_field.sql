-- macro: json_field(document, path)
-- gives: STRING, the value at the path of a JSON document
get_json_object(document, path)
