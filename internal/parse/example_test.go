package parse_test

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/internal/parse"
)

// A request that a server waits for the rest of.
func ExampleRun() {
	c := parse.Case{Side: conn.Server, Octets: []byte("PUT /a HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\nhel")}
	result, err := parse.Run(c, parse.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %s %s, %q so far\n", result.Verdict, *result.Method, *result.Target, result.Body)
	if err := json.NewEncoder(os.Stdout).Encode(result.Headers); err != nil {
		fmt.Println(err)
	}
	// Output:
	// hang: PUT /a, "hel" so far
	// [["Host","b"],["Content-Length","5"]]
}
