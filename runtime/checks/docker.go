package checks

// Docker is the Healthcheck of a docker-format image or of docker's flags
// (docker's Engine API, HealthConfig). Times are in nanoseconds, 0 is the
// default.
type Docker struct {
	Test          []string // ["NONE"], ["CMD", arg…], ["CMD-SHELL", line]; empty is none, too
	Interval      Duration // 30 s
	Timeout       Duration // 30 s
	StartPeriod   Duration // 0 s
	StartInterval Duration // 5 s
	Retries       int      // 3
}
