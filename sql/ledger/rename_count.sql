SELECT count(*) FROM main.orders WHERE source = getvariable('source') AND account = getvariable('earlier')
