// Package first holds what must happen before the runtime library of Go has
// started up. Packages are initialized in the order of their imports, then of
// their names; this one imports almost nothing, and so precedes os.
//
// It knows the resource limit that package os is about to change. It does not
// know which applet this is.
package first

import "syscall"

var files = func() (lim syscall.Rlimit) {
	_ = syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim) // zero if it fails: seen as such
	return lim
}()

// Files is RLIMIT_NOFILE as the program was started with. Package os raises the soft
// limit to the hard one at its start (go.dev/issue/46279).
func Files() (soft, hard uint64) { return files.Cur, files.Max }
