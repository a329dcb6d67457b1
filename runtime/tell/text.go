package tell

import (
	"math"
	"strconv"
	"strings"
)

// ContentType is that of AppendText's result.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// AppendText appends samples in Prometheus's text format 0.0.4, each metric once
// with its help and type and then a line for each container that has it.
func AppendText(b []byte, samples ...Sample) []byte {
	for _, f := range families() {
		w := writer{b: b, family: f}
		for _, s := range samples {
			w.sample = s
			f.values(s, w.put)
		}
		b = w.b
	}
	return b
}

// family is one metric.
type family struct {
	name, kind, help string
	// values gives put what a sample has of it, with further labels as pairs of
	// name and value.
	values func(s Sample, put put)
}

type put func(value float64, labels ...string)

// writer writes the lines of one family.
type writer struct {
	b      []byte
	family family
	sample Sample
	begun  bool
}

func (w *writer) put(value float64, labels ...string) {
	if !w.begun {
		w.begun = true
		w.b = append(w.b, "# HELP "+w.family.name+" "+escapeHelp(w.family.help)+"\n"...)
		w.b = append(w.b, "# TYPE "+w.family.name+" "+w.family.kind+"\n"...)
	}
	w.b = append(w.b, w.family.name+`{id="`+escape(w.sample.cgroup())+`",name="`+escape(w.sample.ID)+`"`...)
	for i := 0; i+1 < len(labels); i += 2 {
		w.b = append(w.b, ","+labels[i]+`="`+escape(labels[i+1])+`"`...)
	}
	w.b = append(w.b, "} "...)
	w.b = append(appendValue(w.b, value), '\n')
}

// escape makes a label's value: UTF-8, without what would end it.
func escape(s string) string {
	return strings.ReplaceAll(escapeHelp(strings.ToValidUTF8(s, "\uFFFD")), `"`, `\"`)
}

func escapeHelp(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "\n", `\n`)
}

// appendValue writes whole numbers as such, as far as they are exact.
func appendValue(b []byte, v float64) []byte {
	switch {
	case math.IsInf(v, 1):
		return append(b, "+Inf"...)
	case math.IsInf(v, -1):
		return append(b, "-Inf"...)
	case math.Abs(v) < 1<<53:
		return strconv.AppendFloat(b, v, 'f', -1, 64)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

// cgroup is the label id.
func (s Sample) cgroup() string {
	if s.Cgroup == "" {
		return "/" + s.ID
	}
	return s.Cgroup
}
