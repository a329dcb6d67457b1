package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// parseSize reads bytes with an optional K, M or G (1024).
func parseSize(s string) (uint64, error) {
	shift := 0
	if i := strings.IndexByte("KMG", last(strings.ToUpper(s))); i >= 0 {
		shift, s = 10*(i+1), s[:len(s)-1]
	}
	n, err := strconv.ParseUint(s, 10, 63-shift)
	if err != nil {
		return 0, usage("%q is not a size", s)
	}
	return n << shift, nil
}

func last(s string) byte {
	if s == "" {
		return 0
	}
	return s[len(s)-1]
}

// size writes bytes for people.
func size(n uint64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%dG", n>>30)
	case n >= 10<<20:
		return fmt.Sprintf("%dM", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%dK", n>>10)
	}
	return strconv.FormatUint(n, 10)
}

// parseDuration reads 5, 1.5 (seconds) or 200ms, 2m.
func parseDuration(s string) (time.Duration, error) {
	if n, err := strconv.ParseFloat(s, 64); err == nil && n >= 0 && n < 1e9 {
		return time.Duration(n * float64(time.Second)), nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, usage("%q is not a duration", s)
	}
	return d, nil
}
