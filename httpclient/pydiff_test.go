package httpclient_test

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// pyOutcome is what was made of a response. Text stands for octets, each character for the octet with its
// number, and what is long for its digest, as outcome.py has it.
type pyOutcome struct {
	Name      string      `json:"name"`
	Sum       string      `json:"sum"` // of the octets: an outcome of other octets is stale
	Version   int         `json:"version,omitempty"`
	Status    int         `json:"status,omitempty"`
	Reason    string      `json:"reason,omitempty"`
	Fields    [][2]string `json:"fields,omitempty"`
	WillClose bool        `json:"will_close,omitempty"`
	Content   string      `json:"content,omitempty"` // of an IncompleteRead, what there was
	Error     string      `json:"error,omitempty"`   // the class
}

// pyOutcomes is a file of outcomes.
type pyOutcomes struct {
	Python   string      `json:"python"`
	Outcomes []pyOutcome `json:"outcomes"`
}

// pyLimits are those of http.client, but for the number of fields, which keeps Strata's default.
var pyLimits = wire.Limits{Line: 65536, Section: 1 << 20, Trailer: 1 << 20, ChunkOverhead: 1 << 20}

func pyCases() []pyCase {
	var all []pyCase
	for _, cases := range [][]pyCase{
		pyStatusCases, pyInterimCases, pyConnectionCases, pyFieldCases, pyLengthCases, pyCodingCases, pyChunkCases,
	} {
		all = append(all, cases...)
	}
	return all
}

func (c pyCase) requestMethod() string {
	if c.method == "" {
		return "GET"
	}
	return c.method
}

func TestHTTPClientTolerance(t *testing.T) {
	cases := pyCases()
	if len(cases) < 130 {
		t.Errorf("%d responses", len(cases))
	}
	diffPython(t, cases, "outcomes.json", wire.LenientHTTPClient, pyAccepted)
}

func TestHTTPLib27Tolerance(t *testing.T) {
	lenient := wire.LenientHTTPClient&^wire.AllowBadLineEnds | wire.AllowBadLineSkipped | wire.AllowHTTP09
	diffPython(t, py27Cases, "outcomes27.json", lenient, py27Accepted)
}

// diffPython compares what is made of cases with what Python made of them.
func diffPython(t *testing.T, cases []pyCase, file string, lenient wire.Lenient, differences []pyDifferences) {
	t.Helper()
	python := readOutcomes(t, file)
	if len(python.Outcomes) != len(cases) {
		t.Fatalf("%s has %d outcomes for %d cases: write it anew with -update", file, len(python.Outcomes), len(cases))
	}
	accepted := map[string]string{}
	for _, d := range differences {
		for name, difference := range d.differ {
			if accepted[name] != "" {
				t.Errorf("%q is listed twice", name)
			}
			accepted[name] = difference
		}
	}
	alike, listed := 0, len(accepted)
	for i, c := range cases {
		want := python.Outcomes[i]
		if sum := pySum(c.octets); want.Name != c.name || want.Sum != sum {
			t.Fatalf("%s has %q (%s) for %q (%s): write it anew with -update", file, want.Name, want.Sum, c.name, sum)
		}
		got := pyRead(strings.NewReader(c.octets), c, lenient)
		split := pyRead(iotest.OneByteReader(strings.NewReader(c.octets)), c, lenient)
		if diff := gocmp.Diff(got, split); diff != "" {
			t.Errorf("%s: octet by octet it is another (-whole +split):\n%s", c.name, diff)
		}
		difference := pyDifference(got, want)
		switch {
		case difference != accepted[c.name]:
			t.Errorf("%s: %q\n\tdifference: %s\n\taccepted:   %s", c.name, pyText([]byte(c.octets)), difference, accepted[c.name])
		case difference == "":
			alike++
		}
		delete(accepted, c.name)
	}
	for name := range accepted {
		t.Errorf("accepted for %q, which is no case", name)
	}
	version, _, _ := strings.Cut(python.Python, " ")
	t.Logf("Python %s: %d cases, %d alike, %d accepted differences", version, len(cases), alike, listed)
}

// pyRead reads a response as its caller would, and tells the outcome.
func pyRead(r io.Reader, c pyCase, lenient wire.Lenient) pyOutcome {
	o := pyOutcome{Name: c.name, Sum: pySum(c.octets)}
	response, err := httpclient.ReadResponse(r, c.requestMethod(), httpclient.WithLenient(lenient), httpclient.WithLimits(pyLimits))
	if err != nil {
		o.Error = pyClass(err)
		return o
	}
	o.Version, o.Status, o.Reason = int(response.Version()), int(response.Status()), pyText([]byte(response.Reason()))
	for name, value := range response.Fields().All() {
		o.Fields = append(o.Fields, [2]string{pyText([]byte(name)), pyText([]byte(value))})
	}
	o.WillClose = response.WillClose()
	content, err := response.ReadAll()
	o.Content = pyText(content)
	if err != nil {
		o.Error = pyClass(err)
	}
	return o
}

// pyClass returns the class of http.client that err is.
func pyClass(err error) string {
	var long *httpclient.LineTooLongError
	var cut *httpclient.IncompleteReadError
	switch {
	case errors.Is(err, httpclient.ErrRemoteDisconnected):
		return "RemoteDisconnected"
	case errors.As(err, &long):
		return "LineTooLong"
	case errors.As(err, &cut):
		return "IncompleteRead"
	case errors.Is(err, httpclient.ErrUnknownProtocol):
		return "UnknownProtocol"
	case errors.Is(err, httpclient.ErrBadStatusLine):
		return "BadStatusLine"
	case errors.Is(err, httpclient.ErrUnknownTransferEncoding):
		return "UnknownTransferEncoding"
	case errors.Is(err, httpclient.ErrHTTP):
		return "HTTPException"
	}
	return err.Error()
}

// pyFold is what http.client keeps of folds: line breaks with the whitespace around them, which stand for one
// SP (RFC 9112 section 5.2), and for nothing at the edges of a value.
var (
	pyFold     = regexp.MustCompile(`([ \t]*\r?\n[ \t]*)+`)
	pyEdgeFold = regexp.MustCompile(`^([ \t]*\r?\n[ \t]*)+|([ \t]*\r?\n[ \t]*)+$`)
)

// pyDifference tells in what got differs from want, or returns "".
func pyDifference(got, want pyOutcome) string {
	var differ []string
	note := func(what string, got, want any) {
		if g, w := fmt.Sprintf("%q", got), fmt.Sprintf("%q", want); g != w {
			differ = append(differ, what+" "+g+" for "+w)
		}
	}
	if got.Error != want.Error {
		differ = append(differ, cmp.Or(got.Error, "none")+" for "+cmp.Or(want.Error, "none"))
	}
	if got.Status == 0 || want.Status == 0 {
		return strings.Join(differ, ", ") // there is nothing else to compare
	}
	for i := range want.Fields {
		value := pyEdgeFold.ReplaceAllString(want.Fields[i][1], "")
		want.Fields[i][1] = pyFold.ReplaceAllString(value, " ")
	}
	note("version", fmt.Sprint(got.Version), fmt.Sprint(want.Version))
	note("status", fmt.Sprint(got.Status), fmt.Sprint(want.Status))
	note("reason", got.Reason, want.Reason)
	note("fields", got.Fields, want.Fields)
	note("will close", fmt.Sprint(got.WillClose), fmt.Sprint(want.WillClose))
	if got.Error == want.Error && (want.Error == "" || want.Error == "IncompleteRead") {
		note("content", got.Content, want.Content)
	}
	return strings.Join(differ, ", ")
}

// pyText returns octets as text, or what stands for them if they are many.
func pyText(octets []byte) string {
	if len(octets) > 120 {
		sum := sha256.Sum256(octets)
		return fmt.Sprintf("<%d octets, SHA-256 %x>", len(octets), sum[:8])
	}
	text := make([]rune, len(octets))
	for i, c := range octets {
		text[i] = rune(c)
	}
	return string(text)
}

func pySum(octets string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(octets)))[:12] }
