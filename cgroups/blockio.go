package cgroups

import (
	"fmt"
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// weightOf checks a v1 weight, 10 to 1000, and returns it as io.bfq.weight
// takes it and as io.weight (1 to 10000) does, by the linear map of runc.
func weightOf(t translation, weight uint16) (bfq, io string, err error) {
	if weight < 10 || weight > 1000 {
		return "", "", t.refuse("%d is not between 10 and 1000", weight)
	}
	linear := 1 + (uint64(weight)-10)*9999/990
	return strconv.Itoa(int(weight)), strconv.FormatUint(linear, 10), nil
}

// ioWeight goes to the file of the BFQ scheduler where there is one, since
// v1's weight was its; else to that of the io.cost model.
func ioWeight(t translation) error {
	weight, ok := given(t.blockIO.Weight)
	if !ok {
		return nil
	}
	bfq, io, err := weightOf(t, weight)
	if err != nil {
		return err
	}
	t.write("io.bfq.weight", bfq).other = &fallback{"io.weight", io}
	return nil
}

func ioWeightDevices(t translation) error {
	for i, d := range t.blockIO.WeightDevice {
		t := t.at(strconv.Itoa(i))
		if _, ok := given(d.LeafWeight); ok {
			return noLeaf(t.at("leafWeight"))
		}
		weight, ok := given(d.Weight)
		if !ok {
			continue
		}
		dev, err := device(t, d.LinuxBlockIODevice)
		if err != nil {
			return err
		}
		bfq, io, err := weightOf(t.at("weight"), weight)
		if err != nil {
			return err
		}
		t.write("io.bfq.weight", dev+" "+bfq).other = &fallback{"io.weight", dev + " " + io}
	}
	return nil
}

func noLeafWeight(t translation) error {
	if _, ok := given(t.blockIO.LeafWeight); ok {
		return noLeaf(t)
	}
	return nil
}

func noLeaf(t translation) error {
	return t.refuse("cgroup v2 has no leaf weight, as processes and children are never side by side; use blockIO/weight")
}

// throttle writes one line to io.max for each device. The kernel merges lines
// for the same device. A rate of 0 is no limit.
func throttle(key string) func(translation) error {
	return func(t translation) error {
		list := map[string][]specs.LinuxThrottleDevice{
			"rbps":  t.blockIO.ThrottleReadBpsDevice,
			"wbps":  t.blockIO.ThrottleWriteBpsDevice,
			"riops": t.blockIO.ThrottleReadIOPSDevice,
			"wiops": t.blockIO.ThrottleWriteIOPSDevice,
		}[key]
		for i, d := range list {
			t := t.at(strconv.Itoa(i))
			dev, err := device(t, d.LinuxBlockIODevice)
			if err != nil {
				return err
			}
			if d.Rate != 0 {
				t.write("io.max", fmt.Sprintf("%s %s=%d", dev, key, d.Rate))
			}
		}
		return nil
	}
}

// device is the kernel's text for a device number, which has 12 bits of major
// and 20 of minor.
func device(t translation, d specs.LinuxBlockIODevice) (string, error) {
	if d.Major < 0 || d.Major > maxMajor || d.Minor < 0 || d.Minor > maxMinor {
		return "", t.refuse("%d:%d is not a device number", d.Major, d.Minor)
	}
	return fmt.Sprintf("%d:%d", d.Major, d.Minor), nil
}

const (
	maxMajor = 1<<12 - 1
	maxMinor = 1<<20 - 1
)
