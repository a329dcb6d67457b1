package main

import (
	"fmt"
	"io"
	"os"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

var planCommand = &cli.Command{
	Name:      "plan",
	Usage:     "print every step that `run` would do, and why, without doing any",
	ArgsUsage: "BUNDLE [-- CMD…]",
	Flags: []cli.Flag{
		&cli.StringFlag{Name: "format", Value: "text", Usage: "`text`, json, or shell: a script that does the same by hand"},
		&cli.BoolFlag{Name: "why", Usage: "say why each step is needed"},
	},
	More: func() []cli.Flag { return sourceFlags },
	Action: func(c *cli.Context) error {
		plan, err := newPlan(c)
		if err != nil {
			return err
		}
		switch format := c.String("format"); format {
		case "text":
			printPlan(os.Stdout, plan, c.Bool("why"))
		case "json":
			return printJSON(planJSON(plan))
		case "shell":
			printScript(os.Stdout, plan)
		default:
			return fmt.Errorf("no such format: %q (text, json, shell)", format)
		}
		return nil
	},
}

// configure looks at the host, and reads what the command line asks for.
func configure(c *cli.Context) (runtime.Config, runtime.Facts, error) {
	facts, err := runtime.Probe()
	if err != nil {
		return runtime.Config{}, facts, err
	}
	config, err := source(c, facts)
	config.Supervised = true // as run does
	config.SystemdCgroup = c.Bool("systemd-cgroup")
	return config, facts, err
}

// newPlan plans what the command line asks for, without root.
func newPlan(c *cli.Context) (*runtime.Plan, error) {
	config, facts, err := configure(c)
	if err != nil {
		return nil, err
	}
	plan, why, err := preview(config, facts)
	if err != nil {
		return nil, err
	}
	if why != nil {
		logOf(c).warn("this is what root would do; for an ordinary user: " + why.Error())
	}
	for _, w := range plan.Warnings {
		logOf(c).warn(w.String())
	}
	return plan, nil
}

// preview is the plan, or where only root can have one that of root, with the
// reason why we cannot.
func preview(config runtime.Config, facts runtime.Facts) (plan *runtime.Plan, why, err error) {
	plan, err = runtime.NewPlan(config, facts)
	if err == nil || !facts.Rootless() {
		return plan, nil, err
	}
	if asRoot, _ := runtime.NewPlan(config, facts.AsRoot()); asRoot != nil {
		return asRoot, err, nil
	}
	return nil, nil, err
}

// printPlan is the plan as people read it.
func printPlan(w io.Writer, p *runtime.Plan, why bool) {
	var stage runtime.Stage = -1
	for i, s := range p.Steps {
		if s.Stage != stage {
			stage = s.Stage
			fmt.Fprintf(w, "%s (%s)\n", stage, stage.Who())
		}
		printStep(w, i, s, why)
	}
}

func printStep(w io.Writer, i int, s runtime.Step, why bool) {
	fmt.Fprintf(w, "%4d  %s", i+1, s)
	if s.Field() != "" {
		fmt.Fprintf(w, "  [%s]", s.Field())
	}
	fmt.Fprintln(w)
	if why {
		fmt.Fprintln(w, "        "+s.Why())
	}
}

// step is a step of the plan in JSON. Its number counts from 1.
type step struct {
	Number int    `json:"number"`
	Stage  string `json:"stage"`
	Who    string `json:"who"`
	Op     string `json:"op"`
	Text   string `json:"text"`
	Why    string `json:"why"`
	Field  string `json:"field,omitempty"`
	Shell  string `json:"shell,omitempty"`
}

type planDocument struct {
	Steps []step `json:"steps"`
}

func planJSON(p *runtime.Plan) planDocument {
	d := planDocument{Steps: []step{}}
	for i, s := range p.Steps {
		d.Steps = append(d.Steps, step{
			Number: i + 1,
			Stage:  s.Stage.String(), Who: s.Stage.Who(),
			Op: s.Name(), Text: s.String(), Why: s.Why(), Field: s.Field(), Shell: s.Shell(),
		})
	}
	return d
}
