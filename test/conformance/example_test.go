package conformance_test

import (
	"fmt"

	"github.com/strata-http/strata/test/conformance"
)

// The cases of a page, read without any engine.
func ExampleParse() {
	file, err := conformance.Parse("example", "# Example\n\nOne case.\n\n## nul-in-a-value\n\n"+
		"A value holds no NUL (RFC 9110 section 5.5).\n\n"+
		"```octets client\nHTTP/1.1 200 OK\\r\\n\nA: \\x00\\r\\n\n```\n\n"+
		"```outcome\nverdict: reject\nrule: nul\noffset: 20\n```\n")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range file.Cases {
		fmt.Printf("%s, as a %s: %q\n", c.ID(), c.Role, c.Octets)
		for _, want := range c.Want {
			fmt.Println(want.Key, want.Value)
		}
	}
	// Output:
	// example/nul-in-a-value, as a client: "HTTP/1.1 200 OK\r\nA: \x00\r\n"
	// verdict reject
	// rule nul
	// offset 20
}
