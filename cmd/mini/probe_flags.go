package main

import (
	"errors"
	"fmt"
	"os"

	"mini/cmd/mini/cli"

	"mini/runtime/checks"
)

// probeFlags say how the service is asked. Those with docker's names mean what
// they mean there.
var probeFlags = []cli.Flag{
	&cli.StringFlag{Name: "health-cmd", Usage: "run `CMD` by the container's sh; status 0 is healthy"},
	&cli.StringFlag{Name: "health-probe", Usage: "ask at `URL` instead, without a process: http://127.0.0.1:80/path, tcp://127.0.0.1:6379, " +
		"unix:///run/service.sock, grpc://127.0.0.1:50051/service; or notify: to be told by sd_notify"},
	&cli.DurationFlag{Name: "health-interval", Usage: "the time between two probes (default: 30s)"},
	&cli.DurationFlag{Name: "health-timeout", Usage: "how long a probe may take (default: 30s)"},
	&cli.IntFlag{Name: "health-retries", Usage: "how many failed probes in a row make it unhealthy (default: 3)"},
	&cli.DurationFlag{Name: "health-start-period", Usage: "failures do not count for so long after a start"},
	&cli.DurationFlag{Name: "health-start-interval", Usage: "the time between two probes in the start period (default: 5s)"},
	&cli.StringFlag{Name: "health-on-failure", Usage: "`WHAT` is done about an unhealthy container: restart, stop, kill or none (default: restart)"},
	&cli.StringFlag{Name: "health-file", Usage: "all about the checks, in JSON: startup, liveness and readiness, of any kind; see examples/health"},
	&cli.BoolFlag{Name: "no-healthcheck", Usage: "pass over the checks in the annotations of config.json"},
}

// simple are the flags that describe one check.
var simple = []string{"health-cmd", "health-probe"}

// details are the flags that say more about it.
var details = []string{"health-interval", "health-timeout", "health-retries", "health-start-period", "health-start-interval"}

// probes reads the one place where the checks are given: flags, a file or the
// annotations; nil for none.
func probes(c *cli.Context, annotations map[string]string) (*checks.Spec, error) {
	if err := oneSource(c); err != nil {
		return nil, err
	}
	spec, err := givenChecks(c, annotations)
	if err != nil {
		return nil, err
	}
	on := c.String("health-on-failure")
	switch {
	case on == "":
		return spec, nil
	case spec == nil:
		return nil, errors.New("--health-on-failure has no meaning without a check (--health-cmd, --health-probe, --health-file)")
	}
	spec.OnFailure = checks.Reaction(on)
	if err := spec.Complete(); err != nil {
		return nil, fmt.Errorf("--health-on-failure: %w", err)
	}
	return spec, nil
}

// oneSource refuses what would be passed over in silence.
func oneSource(c *cli.Context) error {
	first := ""
	for _, name := range append(simple, "health-file", "no-healthcheck") {
		switch {
		case !c.IsSet(name):
		case first != "":
			return fmt.Errorf("--%s and --%s contradict each other", first, name)
		default:
			first = name
		}
	}
	if first == simple[0] || first == simple[1] {
		return nil
	}
	for _, name := range details {
		if c.IsSet(name) {
			return errors.New("--" + name + " has no meaning without --health-cmd or --health-probe")
		}
	}
	return nil
}

func givenChecks(c *cli.Context, annotations map[string]string) (*checks.Spec, error) {
	switch {
	case c.Bool("no-healthcheck"):
		return nil, nil
	case c.IsSet("health-file"):
		return healthFile(c.String("health-file"))
	case c.IsSet("health-probe"):
		spec, err := checks.FromURL(c.String("health-probe"), timing(c))
		return spec, ofFlag(err, "--health-probe")
	case c.IsSet("health-cmd"):
		d := timing(c)
		d.Test = []string{"CMD-SHELL", c.String("health-cmd")}
		spec, err := d.Spec()
		return spec, ofFlag(err, "--health-cmd")
	}
	return checks.FromAnnotations(annotations)
}

// dockers is the flag of what docker's Healthcheck calls otherwise, "" if there is none.
func dockers(field string) string {
	switch field {
	case "/Interval":
		return "--health-interval"
	case "/Timeout":
		return "--health-timeout"
	case "/Retries":
		return "--health-retries"
	case "/StartPeriod":
		return "--health-start-period"
	case "/StartInterval":
		return "--health-start-interval"
	}
	return ""
}

// ofFlag names the flag that is wrong: first, if it is no other.
func ofFlag(err error, first string) error {
	var wrong *checks.Error
	if !errors.As(err, &wrong) {
		return err
	}
	if name := dockers(wrong.Field); name != "" {
		first = name
	}
	return fmt.Errorf("%s: %w", first, wrong.Err)
}

// timing is what the flags say of when, as docker has it.
func timing(c *cli.Context) checks.Docker {
	return checks.Docker{
		Interval: c.Duration("health-interval"), Timeout: c.Duration("health-timeout"),
		StartPeriod: c.Duration("health-start-period"), StartInterval: c.Duration("health-start-interval"),
		Retries: c.Int("health-retries"),
	}
}

func healthFile(path string) (*checks.Spec, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--health-file: %w", err)
	}
	spec, err := checks.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return spec, nil
}
