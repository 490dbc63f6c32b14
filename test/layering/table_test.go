package layering

// row says what a package may import directly. Patterns of project are relative
// to the module. Every list is complete: what is not listed is refused.
type row struct {
	project    []string // packages of this module
	std        []string // the standard library
	modules    []string // other modules
	tests      []string // packages of this module for test files, on top of project and testKits
	public     bool     // refuses internal packages, whatever project says
	noBackDoor bool     // refuses import "C" and go:linkname
}

var (
	anything = []string{"..."}

	// pureStd is what the core may use of the standard library. Nothing in it
	// does I/O, knows the time, blocks or starts a goroutine. Think twice before
	// adding to it: the core runs wherever bytes are, and is tested without a clock.
	pureStd = []string{
		"bytes", "cmp", "encoding/binary", "errors", "fmt", "io", "iter", "math",
		"math/bits", "slices", "sort", "strconv", "strings", "unicode", "unicode/utf8",
	}

	// xnet is the only module that a library package depends on.
	xnet = []string{"golang.org/x/net/..."}

	// testModules are open to test files besides their package's own modules.
	testModules = []string{"github.com/google/go-cmp/...", "go.uber.org/goleak", "golang.org/x/net/..."}

	// testKits are open to every test file: they are made for testing.
	testKits = []string{"conntest", "transporttest", "transport/memory", "internal/testcert", "internal/fuzztest", "test/conformance"}

	core     = []string{"status", "wire", "headers", "body", "conn"}
	carriers = []string{"transport/..."}
	engine   = join(core, carriers, []string{"internal/driver"})
	facades  = []string{"httpclient/...", "httpserver/..."}
)

func join(lists ...[]string) []string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// table is the rule of the house: imports point one way, up this list. A row
// for a tree ("transport/...") holds where no longer pattern matches.
var table = map[string]row{
	// The core.
	"status":  {std: pureStd, noBackDoor: true},
	"wire":    {std: pureStd, noBackDoor: true},
	"headers": {project: []string{"wire"}, std: pureStd, noBackDoor: true},
	"body":    {project: []string{"wire", "headers", "status"}, std: pureStd, noBackDoor: true},
	"conn":    {project: []string{"wire", "headers", "status", "body"}, std: pureStd, noBackDoor: true},

	// On the core alone: no façade and no transport.
	"conntest": {project: core, std: anything},
	"dissect":  {project: core, std: anything},

	// Transports know no HTTP, and stand on the Dialer alone.
	"transport":          {std: anything, modules: xnet},
	"transport/memory":   {project: []string{"transport"}, std: anything, modules: xnet},
	"transport/cassette": {project: []string{"transport", "transport/tap"}, std: anything, modules: xnet},
	"transport/fault":    {project: []string{"transport", "transport/memory"}, std: anything, modules: xnet},
	"transport/tap":      {project: []string{"transport"}, std: anything, modules: xnet},
	// The one library package that stands on a library of others: whoever does not import it does not build it.
	"transport/tap/pcapng": {
		project: []string{"transport", "transport/tap"}, std: anything,
		modules: join(xnet, []string{"github.com/gopacket/gopacket/..."}),
	},

	// Where the two meet.
	"internal/driver": {project: join(core, carriers), std: anything, modules: xnet},

	"proxy": {project: engine, std: anything, modules: xnet, tests: facades},
	"httpclient": {
		project: join(engine, []string{"proxy"}), std: anything, modules: xnet,
		tests: facades,
	},
	"httpclient/har": {
		project: join(engine, []string{"proxy", "httpclient"}), std: anything, modules: xnet,
		tests: facades,
	},
	"httpserver": {
		project: engine, std: anything, modules: xnet,
		tests: join(facades, []string{"proxy"}),
	},

	// The bridge stands on the façades and drives no connection of its own.
	"nethttp": {
		project: join(core, carriers, facades, []string{"proxy"}), std: anything, modules: xnet,
	},

	// A kit for testing whatever is below nethttp.
	"transporttest": {
		project: join(engine, facades, []string{"proxy", "conntest"}), std: anything, modules: xnet,
	},

	// What the command and the conformance suite share.
	"internal/parse": {project: core, std: anything},

	// Certificates for tests.
	"internal/testcert": {std: anything},
	// What the fuzz targets share.
	"internal/fuzztest": {project: []string{"test/conformance"}, std: anything},
	"internal/docgen":   {project: []string{"wire", "conn"}, std: anything},

	// Cases for the tests of every package, the core's too.
	"test/conformance": {std: anything, tests: anything},

	// The ends: nothing but tests and people imports these.
	"cmd/strata/...": {project: anything, std: anything, modules: anything},
	"test/...":       {project: anything, std: anything, modules: anything},
	"examples/...":   {project: anything, std: anything, modules: xnet, public: true},
}
