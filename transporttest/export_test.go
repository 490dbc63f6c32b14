package transporttest

import "time"

// SetPatience is for tests of stacks that hang.
func SetPatience(d time.Duration) { patience = d }
