package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// RequireEnv names the environment variable that, when it is "1", makes a
// missing server or tool fail a test that would otherwise be skipped.
const RequireEnv = "STRATA_REQUIRE_PEERS"

// Curl returns the path of the curl binary. The test is skipped without it.
func Curl(t testing.TB) string {
	t.Helper()
	return findBinary(t, "curl", "curl")
}

// findBinary finds the first of names that exists: a path as it is, a name in PATH
// and in the folders for servers, which a user's PATH often lacks.
func findBinary(t testing.TB, pkg string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
		if filepath.IsAbs(name) {
			continue
		}
		for _, dir := range []string{"/usr/local/sbin", "/usr/sbin", "/sbin"} {
			if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				return path
			}
		}
	}
	missing(t, pkg, fmt.Sprintf("no %s on this machine", names[len(names)-1]))
	return ""
}

// missing ends the test: it is skipped, or failed where peers are required.
func missing(t testing.TB, pkg, what string) {
	t.Helper()
	message := fmt.Sprintf("%s; on Debian, test/peers/install.sh %s installs it", what, pkg)
	if os.Getenv(RequireEnv) == "1" {
		t.Fatalf("%s (%s=1)", message, RequireEnv)
	}
	t.Skip(message)
}
