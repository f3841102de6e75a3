package httpx

// newBearer is the kind bearer: a fixed token in the header Authorization.
func newBearer(c AuthConfig) (Auth, error) {
	if !headerValue(c.Token) {
		return nil, keyError("token", "cannot stand in an HTTP header: remove line breaks and blanks at its ends")
	}
	return fixedHeader{"Authorization", "Bearer " + c.Token}, nil
}
