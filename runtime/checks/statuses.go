package checks

import (
	"fmt"
	"strconv"
	"strings"
)

// Statuses are the statuses of HTTP that are a success; none means 200 to 399.
// JSON has them as one string: "200-299,404".
type Statuses []Range

// A Range is From to To, both included.
type Range struct{ From, To int }

// Has says whether status is a success.
func (s Statuses) Has(status int) bool {
	for _, r := range s {
		if r.From <= status && status <= r.To {
			return true
		}
	}
	return len(s) == 0 && status >= 200 && status <= 399
}

func (s Statuses) String() string {
	var parts []string
	for _, r := range s {
		part := strconv.Itoa(r.From)
		if r.To != r.From {
			part += "-" + strconv.Itoa(r.To)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ",")
}

// MarshalText is how JSON gets it.
func (s Statuses) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ParseStatuses reads "200-299,404".
func ParseStatuses(text string) (s Statuses, err error) {
	for part := range strings.SplitSeq(text, ",") {
		r, err := parseRange(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		s = append(s, r)
	}
	return s, nil
}

func parseRange(text string) (r Range, err error) {
	from, to, several := strings.Cut(text, "-")
	if !several {
		to = from
	}
	r.From, err = parseStatus(from)
	if err == nil {
		r.To, err = parseStatus(to)
	}
	if err == nil && r.From > r.To {
		err = fmt.Errorf("%q: the first is more than the last", text)
	}
	return r, err
}

// parseStatus reads one, of three digits (RFC 9110, section 15).
func parseStatus(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || len(text) != 3 || n < 100 || n > 599 {
		return 0, fmt.Errorf("%q: not a status of HTTP; give such as 200-299,404", text)
	}
	return n, nil
}
