package proxy

import (
	"fmt"
	"strings"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// Challenge is one challenge of a Proxy-Authenticate or WWW-Authenticate field (RFC 9110 section 11.3).
type Challenge struct {
	Scheme string // as it came; schemes are compared without regard to case, see [Challenge.Is]
	// Token68 is what follows the scheme where that is no parameters (RFC 9110 section 11.2).
	Token68 string
	Params  []Param // in their order
}

// Param is a parameter of a [Challenge].
type Param struct {
	Name  string // as it came; names are compared without regard to case
	Value string // a quoted-string without its quotes and quoted pairs
}

// Is reports whether the challenge is of that scheme, in any case.
func (c Challenge) Is(scheme string) bool { return wire.EqualFold(c.Scheme, scheme) }

// Param returns the value of the parameter of that name, in any case, and whether there is one.
func (c Challenge) Param(name string) (value string, ok bool) {
	for _, p := range c.Params {
		if wire.EqualFold(p.Name, name) {
			return p.Value, true
		}
	}
	return "", false
}

// String returns the scheme and the realm, such as `Basic realm="staff"`: what to show to a user. Octets that are not
// printable ASCII are escaped.
func (c Challenge) String() string {
	if realm, ok := c.Param("realm"); ok {
		return fmt.Sprintf("%s realm=%+q", c.Scheme, realm)
	}
	return c.Scheme
}

// ChallengeError is the error for a field value that is no list of challenges.
type ChallengeError struct {
	Value  string // the field value
	Offset int    // of the octet where it ceased to be one
	Why    string
}

// Error quotes the value and tells the place.
func (e *ChallengeError) Error() string {
	return fmt.Sprintf("proxy: challenges %q at octet %d: %s", e.Value, e.Offset, e.Why)
}

// ParseChallenges reads the value of a Proxy-Authenticate or WWW-Authenticate field: a list of challenges, each with a
// list of parameters, both separated by commas (RFC 9110 section 11.6.1). Where it ceases to be that, it returns the
// challenges that stand before the place, and a [*ChallengeError].
func ParseChallenges(value string) ([]Challenge, error) {
	p := challengeParser{in: value}
	for {
		p.skipSeparators()
		if p.at == len(p.in) {
			return p.all, nil
		}
		if err := p.challenge(); err != nil {
			return p.all, err
		}
	}
}

// challengesOf returns the challenges in all values of a field, without those that are malformed.
func challengesOf(fields *headers.Fields, name string) []Challenge {
	var all []Challenge
	for value := range fields.Values(name) {
		some, _ := ParseChallenges(string(value)) // what could be read is better than nothing
		all = append(all, some...)
	}
	return all
}

type challengeParser struct {
	in  string
	at  int
	all []Challenge
}

func (p *challengeParser) fail(why string) error {
	return &ChallengeError{Value: p.in, Offset: p.at, Why: why}
}

// skip skips octets of set.
func (p *challengeParser) skip(set string) {
	for p.at < len(p.in) && strings.IndexByte(set, p.in[p.at]) >= 0 {
		p.at++
	}
}

// skipSeparators skips commas and OWS: empty list elements are to be ignored (RFC 9110 section 5.6.1.2).
func (p *challengeParser) skipSeparators() { p.skip(" \t,") }

// ended reports whether the list element ends here, but for OWS.
func (p *challengeParser) ended() bool {
	rest := strings.TrimLeft(p.in[p.at:], " \t")
	return rest == "" || rest[0] == ','
}

func (p *challengeParser) token() string {
	start := p.at
	for p.at < len(p.in) && wire.IsTokenOctet(p.in[p.at]) {
		p.at++
	}
	return p.in[start:p.at]
}

// challenge reads auth-scheme [ 1*SP ( token68 / #auth-param ) ].
func (p *challengeParser) challenge() error {
	c := Challenge{Scheme: p.token()}
	if c.Scheme == "" {
		return p.fail("an authentication scheme is missing")
	}
	switch {
	case p.ended():
	case p.in[p.at] != ' ' && p.in[p.at] != '\t':
		return p.fail("this cannot stand in an authentication scheme")
	default:
		p.skip(" \t")
		var ok bool
		if c.Token68, ok = p.token68(); ok {
			break
		}
		if err := p.params(&c); err != nil {
			return err
		}
	}
	p.all = append(p.all, c)
	return nil
}

// token68 reads a token68, if that is what stands here up to the end of the list element.
func (p *challengeParser) token68() (string, bool) {
	start, end := p.at, p.at
	for end < len(p.in) && (isAlphanumeric(p.in[end]) || strings.IndexByte("-._~+/", p.in[end]) >= 0) {
		end++
	}
	if end == start {
		return "", false
	}
	for end < len(p.in) && p.in[end] == '=' {
		end++
	}
	p.at = end
	if !p.ended() {
		p.at = start
		return "", false
	}
	return p.in[start:end], true
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// params reads parameters, up to a list element that is none: that is the next challenge.
func (p *challengeParser) params(c *Challenge) error {
	for first := true; ; first = false {
		before := p.at
		name := p.token()
		p.skip(" \t")
		if name == "" || p.at == len(p.in) || p.in[p.at] != '=' {
			if first {
				return p.fail("a parameter, or a token68, is wanted")
			}
			p.at = before
			return nil
		}
		if _, twice := c.Param(name); twice {
			return p.fail("the parameter stands twice (RFC 9110 section 11.2)")
		}
		p.at++
		p.skip(" \t")
		value, err := p.value()
		if err != nil {
			return err
		}
		c.Params = append(c.Params, Param{Name: name, Value: value})
		if !p.ended() {
			return p.fail("a comma is missing")
		}
		p.skipSeparators()
		if p.at == len(p.in) {
			return nil
		}
	}
}

// value reads a token or a quoted-string.
func (p *challengeParser) value() (string, error) {
	if n := wire.ConsumeQuotedString(p.in[p.at:]); n > 0 {
		quoted := p.in[p.at : p.at+n]
		p.at += n
		return string(wire.AppendUnquoted(nil, quoted)), nil
	}
	if v := p.token(); v != "" {
		return v, nil
	}
	return "", p.fail("the value of a parameter is a token or a quoted-string")
}
