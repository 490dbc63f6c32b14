package parse_test

import (
	"fmt"
	"os"

	"github.com/strata-http/strata/cmd/strata/internal/parse"
	"github.com/strata-http/strata/conn"
)

// A request that a server waits for the rest of.
func ExampleRun() {
	c := parse.Case{Side: conn.Server, Octets: []byte("PUT /a HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\nhel")}
	result, err := parse.Run(c, parse.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := result.WritePage(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// verdict   hang
	// method    PUT
	// target    /a
	// host      b
	// version   HTTP/1.1
	// header    Host: b
	// header    Content-Length: 5
	// body      3 octets
	//           | hel
	// messages  0
	// reusable  false
}
