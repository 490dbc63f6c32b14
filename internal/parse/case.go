package parse

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/strata-http/strata/conn"
)

// Case is what a peer sent on one connection.
type Case struct {
	ID     json.RawMessage // given back as it came; nil for none
	Side   conn.Role       // the role of the engine
	Octets []byte
	EOF    bool // the peer closed behind them; else the connection stays open and silent
	// Methods are those of the outstanding requests, in order, on the client side. Without any there is one GET.
	Methods []string
}

// ParseSide returns the role that a side names, "client" or "server".
func ParseSide(name string) (conn.Role, error) {
	for _, role := range []conn.Role{conn.Client, conn.Server} {
		if role.String() == name {
			return role, nil
		}
	}
	return 0, fmt.Errorf("the side is client or server, not %q", name)
}

// ReadCase reads a line of input, one JSON object. Of a line that it refuses it returns the id, if there is one.
func ReadCase(line []byte) (Case, error) {
	// Into a map, since names match in any case otherwise, and "EOF" is a key to be ignored.
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(line, &keys); err != nil {
		return Case{}, fmt.Errorf("the line is no JSON object: %w", err)
	}
	c := Case{ID: keys["id"]}
	var side, octets, method *string
	for _, key := range []struct {
		name string
		into any
	}{
		{"side", &side}, {"bytes_b64", &octets}, {"eof", &c.EOF}, {"request_method", &method}, {"request_methods", &c.Methods},
	} {
		if value, ok := keys[key.name]; ok {
			if err := json.Unmarshal(value, key.into); err != nil {
				return c, fmt.Errorf("%s: %w", key.name, err)
			}
		}
	}
	if side == nil || octets == nil {
		return c, errors.New("side and bytes_b64 are required")
	}
	var err error
	if c.Side, err = ParseSide(*side); err != nil {
		return c, err
	}
	if c.Octets, err = base64.StdEncoding.DecodeString(*octets); err != nil {
		return c, fmt.Errorf("bytes_b64: %w", err)
	}
	if len(c.Methods) == 0 && method != nil && *method != "" {
		c.Methods = []string{*method}
	}
	return c, nil
}

// isBlank reports whether a line holds nothing but whitespace, as JSON has it.
func isBlank(line []byte) bool { return len(bytes.Trim(line, " \t\r\n")) == 0 }
