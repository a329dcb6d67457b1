package calls

// Op is one step of a plan, of whichever package that plans.
type Op interface {
	Do() error      // one system call, or the smallest group that makes sense alone
	Calls(l *List)  // the same as system calls for another process to do; fails with ErrNone if only Go code can do it
	String() string // as strace or a shell would show it
	Why() string    // one sentence and a man page
	Field() string  // JSON pointer of the setting that caused it, or ""
	Shell() string  // the same step as POSIX sh, "" if a shell has no way to do it
	// Journal is what is noted before the step is done, because it outlives the
	// processes; "": it leaves nothing behind.
	Journal() string
}
