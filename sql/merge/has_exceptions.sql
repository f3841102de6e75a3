SELECT EXISTS (FROM audit.exceptions WHERE source = getvariable('source') AND account = getvariable('account'))
