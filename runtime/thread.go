package runtime

import "runtime"

// onOwnThread calls f on a thread that is thrown away after it, for what f
// changes of the thread must not come upon another goroutine.
func onOwnThread(f func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		result <- f()
	}()
	return <-result
}
