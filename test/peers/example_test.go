package peers_test

import (
	"fmt"

	"github.com/strata-http/strata/test/peers"
)

func ExampleParseEcho() {
	e, err := peers.ParseEcho([]byte("method: PUT\ntarget: /echo\nprotocol: HTTP/1.1\nlength: 5\n\nHost: localhost\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Method, e.Target, e.Length, e.Fields)
	// Output: PUT /echo 5 [Host: localhost]
}

func ExampleKinds() {
	for _, k := range peers.Kinds() {
		fmt.Println(k.Name)
	}
	// Output:
	// nginx
	// apache
	// python
	// python-1.0
	// python-module
}
