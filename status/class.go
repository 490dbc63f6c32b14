package status

import "strconv"

// Class is the class of a status code: the value of its first digit (RFC 9110,
// section 15). [Code.Class] returns one of the five constants, never another.
type Class int

// The five classes.
const (
	// Informational is 1xx: the request was received and the process continues.
	// Such a response is interim; a final one follows (RFC 9110, section 15.2).
	Informational Class = 1
	// Successful is 2xx: the request was received, understood and accepted
	// (RFC 9110, section 15.3).
	Successful Class = 2
	// Redirection is 3xx: the client has more to do to complete the request
	// (RFC 9110, section 15.4).
	Redirection Class = 3
	// ClientError is 4xx: the request is malformed or cannot be fulfilled
	// (RFC 9110, section 15.5).
	ClientError Class = 4
	// ServerError is 5xx: the server failed to fulfil a request that appears to
	// be valid (RFC 9110, section 15.6).
	ServerError Class = 5
)

var classNames = [...]string{
	Informational: "Informational",
	Successful:    "Successful",
	Redirection:   "Redirection",
	ClientError:   "Client Error",
	ServerError:   "Server Error",
}

// String returns the class's name in RFC 9110, such as "Client Error", or
// "Class(n)" for a value that is none of the five.
func (c Class) String() string {
	if c >= Informational && c <= ServerError {
		return classNames[c]
	}
	return "Class(" + strconv.Itoa(int(c)) + ")"
}
