package transporttest_test

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

// TestMain lets more stacks be tested at once than there are processors, since most of the time they wait for deadlines.
func TestMain(m *testing.M) {
	flag.Parse()
	if p := flag.Lookup("test.parallel"); p.Value.String() == p.DefValue {
		p.Value.Set("8")
	}
	goleak.VerifyTestMain(m)
}
