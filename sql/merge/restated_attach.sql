ATTACH {{text .}} AS restated (READ_ONLY)
