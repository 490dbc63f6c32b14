package status_test

import (
	"fmt"

	"github.com/strata-http/strata/status"
)

func ExampleCode() {
	c := status.NotFound
	fmt.Println(c)
	fmt.Println(int(c), c.Phrase())
	fmt.Println(c.Class())
	fmt.Println(c.Reference())
	// Output:
	// 404 Not Found
	// 404 Not Found
	// Client Error
	// RFC 9110, Section 15.5.5
}

// A code that nobody registered is handled by its class.
func ExampleCode_Class() {
	for _, c := range []status.Code{299, 471, 999} {
		fmt.Println(c, c.Registered(), c.Valid(), c.Class())
	}
	// Output:
	// 299 false true Successful
	// 471 false true Client Error
	// 999 false false Server Error
}

func ExampleAll() {
	for c := range status.All() {
		if c.Class() == status.Informational {
			fmt.Println(c)
		}
	}
	// Output:
	// 100 Continue
	// 101 Switching Protocols
	// 102 Processing
	// 103 Early Hints
}
