package notify

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// WatchdogEnabled is how often, at least, the service manager above wants to
// hear WATCHDOG=1 of process pid (sd_watchdog_enabled(3)); 0 if it does not, or
// wants it of another process. getenv is os.Getenv.
func WatchdogEnabled(getenv func(name string) string, pid int) (time.Duration, error) {
	every := getenv("WATCHDOG_USEC")
	if every == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(every, 10, 64)
	if err != nil || n == 0 || n > math.MaxInt64/1000 {
		return 0, fmt.Errorf("WATCHDOG_USEC=%q: not a number of microseconds", every)
	}
	if whose := getenv("WATCHDOG_PID"); whose != "" {
		p, err := strconv.ParseUint(whose, 10, 31)
		if err != nil || p == 0 {
			return 0, fmt.Errorf("WATCHDOG_PID=%q: not a process id", whose)
		}
		if int(p) != pid {
			return 0, nil
		}
	}
	return time.Duration(n) * time.Microsecond, nil
}
