package status_test

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/status"
)

// registered repeats the registry by hand: code, phrase, RFC, section.
var registered = []struct {
	name    status.Code // checks the constant's value
	code    int
	phrase  string
	rfc     int
	section string
}{
	{status.Continue, 100, "Continue", 9110, "15.2.1"},
	{status.SwitchingProtocols, 101, "Switching Protocols", 9110, "15.2.2"},
	{status.Processing, 102, "Processing", 2518, "10.1"},
	{status.EarlyHints, 103, "Early Hints", 8297, "2"},

	{status.OK, 200, "OK", 9110, "15.3.1"},
	{status.Created, 201, "Created", 9110, "15.3.2"},
	{status.Accepted, 202, "Accepted", 9110, "15.3.3"},
	{status.NonAuthoritativeInformation, 203, "Non-Authoritative Information", 9110, "15.3.4"},
	{status.NoContent, 204, "No Content", 9110, "15.3.5"},
	{status.ResetContent, 205, "Reset Content", 9110, "15.3.6"},
	{status.PartialContent, 206, "Partial Content", 9110, "15.3.7"},
	{status.MultiStatus, 207, "Multi-Status", 4918, "11.1"},
	{status.AlreadyReported, 208, "Already Reported", 5842, "7.1"},
	{status.IMUsed, 226, "IM Used", 3229, "10.4.1"},

	{status.MultipleChoices, 300, "Multiple Choices", 9110, "15.4.1"},
	{status.MovedPermanently, 301, "Moved Permanently", 9110, "15.4.2"},
	{status.Found, 302, "Found", 9110, "15.4.3"},
	{status.SeeOther, 303, "See Other", 9110, "15.4.4"},
	{status.NotModified, 304, "Not Modified", 9110, "15.4.5"},
	{status.UseProxy, 305, "Use Proxy", 9110, "15.4.6"},
	{status.Unused, 306, "(Unused)", 9110, "15.4.7"},
	{status.TemporaryRedirect, 307, "Temporary Redirect", 9110, "15.4.8"},
	{status.PermanentRedirect, 308, "Permanent Redirect", 9110, "15.4.9"},

	{status.BadRequest, 400, "Bad Request", 9110, "15.5.1"},
	{status.Unauthorized, 401, "Unauthorized", 9110, "15.5.2"},
	{status.PaymentRequired, 402, "Payment Required", 9110, "15.5.3"},
	{status.Forbidden, 403, "Forbidden", 9110, "15.5.4"},
	{status.NotFound, 404, "Not Found", 9110, "15.5.5"},
	{status.MethodNotAllowed, 405, "Method Not Allowed", 9110, "15.5.6"},
	{status.NotAcceptable, 406, "Not Acceptable", 9110, "15.5.7"},
	{status.ProxyAuthenticationRequired, 407, "Proxy Authentication Required", 9110, "15.5.8"},
	{status.RequestTimeout, 408, "Request Timeout", 9110, "15.5.9"},
	{status.Conflict, 409, "Conflict", 9110, "15.5.10"},
	{status.Gone, 410, "Gone", 9110, "15.5.11"},
	{status.LengthRequired, 411, "Length Required", 9110, "15.5.12"},
	{status.PreconditionFailed, 412, "Precondition Failed", 9110, "15.5.13"},
	{status.ContentTooLarge, 413, "Content Too Large", 9110, "15.5.14"},
	{status.URITooLong, 414, "URI Too Long", 9110, "15.5.15"},
	{status.UnsupportedMediaType, 415, "Unsupported Media Type", 9110, "15.5.16"},
	{status.RangeNotSatisfiable, 416, "Range Not Satisfiable", 9110, "15.5.17"},
	{status.ExpectationFailed, 417, "Expectation Failed", 9110, "15.5.18"},
	{status.ImATeapot, 418, "I'm a Teapot", 9110, "15.5.19"},
	{status.MisdirectedRequest, 421, "Misdirected Request", 9110, "15.5.20"},
	{status.UnprocessableContent, 422, "Unprocessable Content", 9110, "15.5.21"},
	{status.Locked, 423, "Locked", 4918, "11.3"},
	{status.FailedDependency, 424, "Failed Dependency", 4918, "11.4"},
	{status.TooEarly, 425, "Too Early", 8470, "5.2"},
	{status.UpgradeRequired, 426, "Upgrade Required", 9110, "15.5.22"},
	{status.PreconditionRequired, 428, "Precondition Required", 6585, "3"},
	{status.TooManyRequests, 429, "Too Many Requests", 6585, "4"},
	{status.RequestHeaderFieldsTooLarge, 431, "Request Header Fields Too Large", 6585, "5"},
	{status.UnavailableForLegalReasons, 451, "Unavailable For Legal Reasons", 7725, "3"},

	{status.InternalServerError, 500, "Internal Server Error", 9110, "15.6.1"},
	{status.NotImplemented, 501, "Not Implemented", 9110, "15.6.2"},
	{status.BadGateway, 502, "Bad Gateway", 9110, "15.6.3"},
	{status.ServiceUnavailable, 503, "Service Unavailable", 9110, "15.6.4"},
	{status.GatewayTimeout, 504, "Gateway Timeout", 9110, "15.6.5"},
	{status.HTTPVersionNotSupported, 505, "HTTP Version Not Supported", 9110, "15.6.6"},
	{status.VariantAlsoNegotiates, 506, "Variant Also Negotiates", 2295, "8.1"},
	{status.InsufficientStorage, 507, "Insufficient Storage", 4918, "11.5"},
	{status.LoopDetected, 508, "Loop Detected", 5842, "7.2"},
	{status.NotExtended, 510, "Not Extended", 2774, "7"},
	{status.NetworkAuthenticationRequired, 511, "Network Authentication Required", 6585, "6"},
}

func TestRegistered(t *testing.T) {
	for _, tt := range registered {
		c := status.Code(tt.code)
		if tt.name != c {
			t.Errorf("the constant for %d has the value %d", tt.code, int(tt.name))
		}
		type facts struct {
			Phrase, Reference, Text string
			Registered, Valid       bool
		}
		want := facts{
			Phrase:     tt.phrase,
			Reference:  fmt.Sprintf("RFC %d, Section %s", tt.rfc, tt.section),
			Text:       fmt.Sprintf("%d %s", tt.code, tt.phrase),
			Registered: true,
			Valid:      true,
		}
		got := facts{c.Phrase(), c.Reference(), c.String(), c.Registered(), c.Valid()}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d (-want +got):\n%s", tt.code, diff)
		}
	}
}

func TestAll(t *testing.T) {
	var want []status.Code
	for _, tt := range registered {
		want = append(want, status.Code(tt.code))
	}
	if diff := cmp.Diff(want, slices.Collect(status.All())); diff != "" {
		t.Errorf("All (-want +got):\n%s", diff)
	}
	for c := range status.All() {
		if c != status.Continue {
			t.Fatalf("first code is %v, want 100", c)
		}
		break
	}
}

func TestFormerNames(t *testing.T) {
	former := map[int]status.Code{
		413: status.RequestEntityTooLarge,
		414: status.RequestURITooLong,
		416: status.RequestedRangeNotSatisfiable,
		422: status.UnprocessableEntity,
	}
	for want, got := range former {
		if int(got) != want {
			t.Errorf("the former name of %d has the value %d", want, int(got))
		}
	}
}

// The standard library keeps its own list: no code that it knows may be missing
// here, and apart from the renamed ones the phrases agree but for case.
func TestAgreesWithNetHTTP(t *testing.T) {
	renamed := []int{413, 414, 416, 422}
	for n := range 1000 {
		theirs, c := http.StatusText(n), status.Code(n)
		if theirs == "" {
			continue
		}
		if !c.Registered() {
			t.Errorf("net/http knows %d %s, status does not", n, theirs)
		}
		if same := strings.EqualFold(theirs, c.Phrase()); same == slices.Contains(renamed, n) {
			t.Errorf("%d: phrase %q, net/http has %q", n, c.Phrase(), theirs)
		}
	}
}

func TestDescriptions(t *testing.T) {
	seen := map[string]status.Code{}
	for c := range status.All() {
		d := c.Description()
		if d == "" || !strings.HasSuffix(d, ".") || strings.Contains(d, ". ") {
			t.Errorf("%v: description %q is not one sentence", c, d)
		}
		if other, dup := seen[d]; dup {
			t.Errorf("%v and %v have the same description", other, c)
		}
		seen[d] = c
	}
}

// Every code of up to three digits and what lies just beyond, by the digits.
func TestEveryCode(t *testing.T) {
	known := map[int]bool{}
	for _, tt := range registered {
		known[tt.code] = true
	}
	for n := -1; n <= 1001; n++ {
		c := status.Code(n)
		wantClass := status.ServerError // RFC 9110, section 15, on codes outside 100..599
		switch {
		case n >= 100 && n < 200:
			wantClass = status.Informational
		case n >= 200 && n < 300:
			wantClass = status.Successful
		case n >= 300 && n < 400:
			wantClass = status.Redirection
		case n >= 400 && n < 500:
			wantClass = status.ClientError
		}
		if got := c.Class(); got != wantClass {
			t.Errorf("%d has class %v, want %v", n, got, wantClass)
		}
		if got, want := c.Valid(), n >= 100 && n <= 599; got != want {
			t.Errorf("%d.Valid() = %v", n, got)
		}
		if got := c.Registered(); got != known[n] {
			t.Errorf("%d.Registered() = %v", n, got)
		}
		if !known[n] && c.Phrase()+c.Description()+c.Reference() != "" {
			t.Errorf("%d is not registered but has %q, %q, %q", n, c.Phrase(), c.Description(), c.Reference())
		}
	}
}

func TestStringOfUnregistered(t *testing.T) {
	tests := []struct {
		code status.Code
		want string
	}{
		{299, "299"}, {471, "471"}, {599, "599"}, {600, "600"}, {999, "999"},
		{0, "000"}, {7, "007"}, {42, "042"}, {99, "099"},
		{1000, "1000"}, {-1, "-1"}, {-100, "-100"}, {512, "512"},
		{math.MaxInt32, "2147483647"}, {math.MinInt32, "-2147483648"},
	}
	for _, tt := range tests {
		if got := tt.code.String(); got != tt.want {
			t.Errorf("Code(%d).String() = %q, want %q", int(tt.code), got, tt.want)
		}
	}
}

func TestClassString(t *testing.T) {
	tests := []struct {
		class status.Class
		want  string
	}{
		{1, "Informational"}, {2, "Successful"}, {3, "Redirection"},
		{4, "Client Error"}, {5, "Server Error"},
		{0, "Class(0)"}, {6, "Class(6)"}, {-1, "Class(-1)"},
	}
	for _, tt := range tests {
		if got := tt.class.String(); got != tt.want {
			t.Errorf("Class(%d).String() = %q, want %q", int(tt.class), got, tt.want)
		}
	}
}

func TestLookupsDoNotAllocate(t *testing.T) {
	var octets int
	allocs := testing.AllocsPerRun(100, func() {
		for c := range status.All() {
			octets += len(c.String()) + len(c.Phrase()) + len(c.Description()) + len(c.Reference()) + int(c.Class())
		}
		octets += len(status.Code(299).Phrase()) + len(status.Code(-5).Reference())
	})
	if allocs != 0 || octets == 0 {
		t.Errorf("%v allocations a run, want 0", allocs)
	}
}

func BenchmarkPhrase(b *testing.B) {
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		_ = status.Code(i & 1023).Phrase() // b.Loop keeps the call alive
	}
}
