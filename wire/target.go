package wire

// TargetForm is one of the four forms of a request-target (RFC 9112 section 3.2).
type TargetForm uint8

// The forms. The zero value is none of them.
const (
	_             TargetForm = iota
	OriginForm               // absolute-path [ "?" query ], RFC 9112 section 3.2.1
	AbsoluteForm             // absolute-URI, section 3.2.2
	AuthorityForm            // uri-host ":" port, for CONNECT alone, section 3.2.3
	AsteriskForm             // "*", for OPTIONS alone, section 3.2.4
)

// String returns "origin-form" and the like.
func (f TargetForm) String() string {
	return [...]string{"none", "origin-form", "absolute-form", "authority-form", "asterisk-form"}[f]
}

// Target is a request-target told apart: its form and, in absolute-form and authority-form, where its
// authority stands, as offsets into the target.
type Target struct {
	Form                         TargetForm
	AuthorityStart, AuthorityEnd int
}

// ParseTarget tells the form of target in a request with the method given. CONNECT takes
// authority-form alone, with a port from 1 to 65535 (RFC 9110 section 9.3.6); asterisk-form goes with
// OPTIONS alone; absolute-form has a scheme and, when that is http or https, a valid authority with a
// host and without userinfo (RFC 9110 sections 4.2.1 and 4.2.4); what reads as host and port is none.
// The octets were checked by [ConsumeRequestLine]; the error is a [*SyntaxError] whose offset counts
// from the target's first.
func ParseTarget[M, T Octets](method M, target T) (Target, error) {
	fail := func(rule Rule, at int) (Target, error) {
		return Target{}, NewSyntaxError(rule, ElementRequestLine, target, at)
	}
	switch {
	case len(target) == 0:
		return fail(RuleRequestLine, 0)
	case string(method) == "CONNECT":
		a, bad := ParseAuthority(target)
		switch {
		case a.Port > 65535:
			return fail(RuleAuthority, bad)
		case bad >= 0:
			return fail(RuleTargetForm, bad)
		case a.HostEnd == 0 || a.Port < 1:
			return fail(RuleAuthority, a.HostEnd)
		}
		return Target{AuthorityForm, 0, len(target)}, nil
	case target[0] == '/':
		return Target{Form: OriginForm}, nil
	case len(target) == 1 && target[0] == '*':
		if string(method) != "OPTIONS" {
			return fail(RuleTargetForm, 0)
		}
		return Target{Form: AsteriskForm}, nil
	}
	return parseAbsolute(target, fail)
}

func parseAbsolute[T Octets](target T, fail func(Rule, int) (Target, error)) (Target, error) {
	colon := indexAny(target, ":")
	if colon <= 0 || target[0]|0x20 < 'a' || target[0]|0x20 > 'z' || indexNotClass(target[:colon], classScheme) >= 0 {
		return fail(RuleTargetForm, 0)
	}
	start := colon + 3
	if len(target) < start || target[colon+1] != '/' || target[colon+2] != '/' {
		if isHTTPScheme(target[:colon]) {
			return fail(RuleAuthority, colon)
		}
		// "a.test:80" would do as scheme and rootless path, but nobody means that: it is the
		// authority-form, which is for CONNECT alone.
		if indexNotClass(target[colon+1:], classDigit) < 0 {
			return fail(RuleTargetForm, 0)
		}
		return Target{Form: AbsoluteForm}, nil
	}
	end := len(target)
	if i := indexAny(target[start:], "/?"); i >= 0 {
		end = start + i
	}
	if isHTTPScheme(target[:colon]) {
		if indexAny(target[start:end], "@") >= 0 {
			return fail(RuleUserinfo, start)
		}
		if a, bad := ParseAuthority(target[start:end]); bad >= 0 || a.HostEnd == 0 {
			return fail(RuleAuthority, start+max(bad, 0))
		}
	}
	return Target{AbsoluteForm, start, end}, nil
}

// indexAny returns the offset of the first octet of s that set has, or -1.
func indexAny[T Octets](s T, set string) int {
	for i := range len(s) {
		for k := range len(set) {
			if s[i] == set[k] {
				return i
			}
		}
	}
	return -1
}

func isHTTPScheme[T Octets](s T) bool { return EqualFold(s, "http") || EqualFold(s, "https") }

// Authority is uri-host [ ":" port ] told apart.
type Authority struct {
	HostEnd int // the host is everything before it, brackets of an IP literal included
	Port    int // -1 where there is none, or an empty one
}

// ParseAuthority reads uri-host [ ":" port ], the value of Host and the authority of a target (RFC
// 3986 section 3.2, RFC 9110 section 7.2). An empty host is left for the caller to judge. bad is -1,
// or the offset of the first octet that does not fit: userinfo, a zone, and a port above 65535 do not.
func ParseAuthority[T Octets](s T) (a Authority, bad int) {
	end, bad := hostEnd(s)
	if bad >= 0 {
		return a, bad
	}
	a = Authority{HostEnd: end, Port: -1}
	if end == len(s) {
		return a, -1
	}
	if s[end] != ':' {
		return a, end
	}
	for i := end + 1; i < len(s); i++ {
		if octetClass[s[i]]&classDigit == 0 {
			return a, i
		}
		a.Port = 10*max(a.Port, 0) + int(s[i]-'0')
		if a.Port > 65535 {
			return a, i
		}
	}
	return a, -1
}

// hostEnd returns where the uri-host at the front of s ends.
func hostEnd[T Octets](s T) (end, bad int) {
	if len(s) > 0 && s[0] == '[' {
		for i := 1; i < len(s); i++ {
			if s[i] == ']' {
				if !isIPLiteral(s[1:i]) {
					return 0, 1
				}
				return i + 1, -1
			}
		}
		return 0, len(s) - 1
	}
	for i := 0; i < len(s); i++ {
		switch {
		case octetClass[s[i]]&className != 0:
		case s[i] == '%':
			if i+2 >= len(s) || octetClass[s[i+1]]&octetClass[s[i+2]]&classHex == 0 {
				return 0, i
			}
			i += 2
		case s[i] == ':':
			return i, -1
		default:
			return 0, i
		}
	}
	return len(s), -1
}

// isIPLiteral reports whether s is IPv6address or IPvFuture (RFC 3986 section 3.2.2).
func isIPLiteral[T Octets](s T) bool {
	if len(s) > 0 && s[0]|0x20 == 'v' {
		dot := 1
		for dot < len(s) && octetClass[s[dot]]&classHex != 0 {
			dot++
		}
		if dot == 1 || dot+1 >= len(s) || s[dot] != '.' {
			return false
		}
		for i := dot + 1; i < len(s); i++ {
			if octetClass[s[i]]&className == 0 && s[i] != ':' {
				return false
			}
		}
		return true
	}
	return isIPv6(s)
}

// isIPv6 reports whether s is eight groups of up to four hexadecimal digits, the last two of which
// may be an IPv4 address, with one run of zero groups left out at the most.
func isIPv6[T Octets](s T) bool {
	groups, gap, i := 0, false, 0
	if len(s) >= 2 && s[0] == ':' && s[1] == ':' {
		gap, i = true, 2
	}
	for i < len(s) {
		start := i
		for i < len(s) && octetClass[s[i]]&classHex != 0 {
			i++
		}
		if i < len(s) && s[i] == '.' {
			groups += 2
			return isIPv4(s[start:]) && rightGroups(groups, gap)
		}
		if n := i - start; n == 0 || n > 4 {
			return false
		}
		groups++
		if i == len(s) {
			break
		}
		if s[i] != ':' || i+1 == len(s) {
			return false
		}
		if i++; s[i] == ':' {
			if gap {
				return false
			}
			gap = true
			i++
		}
	}
	return rightGroups(groups, gap)
}

// rightGroups reports whether so many groups make an IPv6 address: a gap stands for one at least.
func rightGroups(n int, gap bool) bool { return n == 8 && !gap || n < 8 && gap }

func isIPv4[T Octets](s T) bool {
	octets, i := 0, 0
	for {
		start, n := i, 0
		for i < len(s) && octetClass[s[i]]&classDigit != 0 {
			n = 10*n + int(s[i]-'0')
			if i++; i-start > 3 {
				return false
			}
		}
		if i == start || n > 255 || i-start > 1 && s[start] == '0' {
			return false
		}
		octets++
		if i == len(s) {
			return octets == 4
		}
		if s[i] != '.' {
			return false
		}
		i++
	}
}
