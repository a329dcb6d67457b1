package excerpt

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Rest gives to put what is in a non-blocking pipe or terminal now, through buf, without
// waiting for more: to its end, or a little more than limit bytes if something goes on
// writing (pipe(7)).
func Rest(f *os.File, buf []byte, limit int, put func([]byte)) {
	_ = f.SetReadDeadline(time.Time{}) // one that is over would be an error
	raw, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Read(func(fd uintptr) bool {
		for left := limit; left > 0; {
			n, err := unix.Read(int(fd), buf)
			if errors.Is(err, unix.EINTR) {
				continue
			}
			if n <= 0 {
				break // EAGAIN, the end, or EIO of a terminal that nobody holds
			}
			put(buf[:n])
			left -= n
		}
		return true
	})
}
