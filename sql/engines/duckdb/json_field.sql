-- macro: json_field(document, path)
-- gives: STRING, the value at the path of a JSON document
document ->> path
