package headers_test

import (
	"fmt"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// Fields keeps order, case and duplicates, and looks names up in any case.
func ExampleFields() {
	var f headers.Fields
	f.Add("Host", "example.com")
	f.Add("accept", "text/html")
	f.Add("Accept", "text/plain")

	fmt.Println(f.Len(), f.GetString("HOST"))
	for value := range f.Values("Accept") {
		fmt.Printf("%s\n", value)
	}
	f.Set("Accept", "*/*")
	for name, value := range f.All() {
		fmt.Printf("%s: %s\n", name, value)
	}
	// Output:
	// 3 example.com
	// text/html
	// text/plain
	// Host: example.com
	// Accept: */*
}

func ExampleFields_Combined() {
	var f headers.Fields
	f.Add("Vary", "Accept")
	f.Add("vary", "Accept-Language")
	fmt.Println(f.Combined("Vary"))
	// Output: Accept, Accept-Language true
}

// Nothing is appended when one of the field lines breaks a rule.
func ExampleFields_AppendTo() {
	var f headers.Fields
	f.Add("Host", "example.com")
	b, err := f.AppendTo(nil)
	fmt.Printf("%q %v\n", b, err)

	f.Add("X-Name", "Zo\x00")
	b, err = f.AppendTo(nil)
	fmt.Printf("%q %v\n", b, err)
	// Output:
	// "Host: example.com\r\n" <nil>
	// "" field line "X-Name" at byte 10: NUL in field value (RFC 9110 section 5.5); found "\x00"
}

// A section that arrives in pieces is read on from where it stopped.
func ExampleParser() {
	limits := wire.Limits{}.Resolved()
	p := headers.Parser{
		Lenient: wire.AllowObsFold,
		Line:    limits.Line, Section: limits.Section, Fields: limits.Fields, SectionRule: wire.RuleLimitSection,
	}
	var f headers.Fields
	p.Start(0)
	data := []byte("Date: Tue, 15 Nov 1994\r\n 08:12:31")
	next, ok, err := p.Parse(&f, data)
	fmt.Println(next, ok, err)

	data = append(data, " GMT\r\n\r\ncontent"...)
	next, ok, err = p.Parse(&f, data)
	fmt.Println(next, ok, err, p.Admitted())
	fmt.Print(f.String())
	// Output:
	// 0 false <nil>
	// 41 true <nil> AllowObsFold
	// Date: Tue, 15 Nov 1994 08:12:31 GMT
}

// Control tells what a section says about framing and about the connection, and what it breaks.
func ExampleFields_Control() {
	var f headers.Fields
	f.Add("Host", "example.com")
	f.Add("Connection", "Upgrade, close")
	f.Add("Content-Length", "5, 6")
	c := f.Control()
	fmt.Println(c.Close, c.KeepAlive, c.UpgradeOption)
	fmt.Println(c.Length.Rule, "in line", c.Length.Line)
	// Output:
	// true false true
	// Content-Length values differ (RFC 9112 section 6.3) in line 2
}

func ExampleElements() {
	for element := range headers.Elements([]byte(`gzip;q=0.8, , br;note="a, b"`)) {
		name, params := headers.CutParameters(element)
		fmt.Printf("%s\n", name)
		for name, value := range headers.Parameters(params) {
			fmt.Printf("  %s is %s\n", name, wire.AppendUnquoted(nil, value))
		}
	}
	// Output:
	// gzip
	//   q is 0.8
	// br
	//   note is a, b
}
