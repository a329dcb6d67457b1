package tell

// healthFamilies are what mini knows of a container beside what it uses.
func healthFamilies() []family {
	return []family{
		{"container_health_state", gauge, "1 healthy, 0 not, -1 without a check.", func(s Sample, p put) {
			switch {
			case len(s.Checks) == 0:
				p(-1)
			default:
				p(truth(s.State == "healthy"))
			}
		}},
		{"mini_container_state", gauge, "1 for the state that it is in.", func(s Sample, p put) {
			for _, state := range states {
				p(truth(s.State == state), "state", state)
			}
		}},
		{"mini_container_up", gauge, "Whether its first process runs.", func(s Sample, p put) { p(truth(s.Pid > 0)) }},
		{"mini_container_ready", gauge, "Whether it wants to be asked.", func(s Sample, p put) {
			if s.Ready != nil {
				p(truth(*s.Ready))
			}
		}},
		{"mini_container_restarts_total", counter, "Restarts.", func(s Sample, p put) { p(float64(s.Restarts)) }},
		{"mini_container_deaths_total", counter, "Runs that have ended.", func(s Sample, p put) { p(float64(s.Deaths)) }},
		{"mini_container_last_exit_status", gauge, "How the last run ended, 128+n by signal n.", func(s Sample, p put) {
			if s.Exit != nil {
				p(float64(*s.Exit))
			}
		}},
		{"mini_events_dropped_total", counter, "Events that a receiver did not get.", func(s Sample, p put) { p(float64(s.Dropped)) }},

		{"mini_probe_results_total", counter, "Results of probes.", ofChecks(func(c CheckSample, p put) {
			p(float64(c.Successes), "check", c.Name, "role", c.Role, "result", "success")
			p(float64(c.Failures), "check", c.Name, "role", c.Role, "result", "failure")
			p(float64(c.Errors), "check", c.Name, "role", c.Role, "result", "error")
		})},
		{"mini_probe_failures_in_a_row", gauge, "Failures since the last success.", ofChecks(func(c CheckSample, p put) {
			p(float64(c.InARow), "check", c.Name, "role", c.Role)
		})},
		{"mini_probe_success", gauge, "Whether the last probe was a success.", ofProbed(func(c CheckSample, p put) {
			p(truth(c.Last == "success"), "check", c.Name, "role", c.Role)
		})},
		{"mini_probe_last_time_seconds", gauge, "When the last probe ended, seconds since 1970.", ofProbed(func(c CheckSample, p put) {
			stamp(func(v float64, _ ...string) { p(v, "check", c.Name, "role", c.Role) }, c.LastAt)
		})},
		{"mini_probe_last_duration_seconds", gauge, "How long the last probe took.", ofProbed(func(c CheckSample, p put) {
			p(c.LastDuration.Seconds(), "check", c.Name, "role", c.Role)
		})},
		{"mini_probe_cpu_seconds_total", counter, "CPU time of all probes.", ofChecks(func(c CheckSample, p put) {
			p(c.CPU.Seconds(), "check", c.Name, "role", c.Role)
		})},
		{"mini_probe_memory_peak_bytes", gauge, "The most memory that the last probe used.", ofChecks(func(c CheckSample, p put) {
			if c.Peak > 0 {
				p(float64(c.Peak), "check", c.Name, "role", c.Role)
			}
		})},
	}
}

// states are those of the state machine, which this package does not import.
var states = []string{"created", "starting", "healthy", "unhealthy", "stopping", "backoff", "failed", "exited"}

func ofChecks(f func(CheckSample, put)) func(Sample, put) {
	return func(s Sample, p put) {
		for _, c := range s.Checks {
			f(c, p)
		}
	}
}

// ofProbed is for checks that have had a result.
func ofProbed(f func(CheckSample, put)) func(Sample, put) {
	return ofChecks(func(c CheckSample, p put) {
		if c.Last != "" {
			f(c, p)
		}
	})
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
