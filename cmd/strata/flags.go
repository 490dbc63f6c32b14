package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// seconds is the value of a flag for a time: "1.5" in seconds, or "1m30s".
type seconds time.Duration

func (s *seconds) String() string {
	if *s == 0 {
		return ""
	}
	return time.Duration(*s).String()
}

func (s *seconds) Type() string { return "TIME" }

func (s *seconds) Set(text string) error {
	d, err := time.ParseDuration(text)
	if f, numeric := strconv.ParseFloat(text, 64); numeric == nil {
		// What is too long for a Duration, infinity included, is as long as one can be.
		if d = time.Duration(f * float64(time.Second)); f > float64(1<<63-1)/float64(time.Second)-1 {
			d = 1<<63 - 1
		}
		if f != f {
			d = 0
		}
		err = nil
	}
	if err != nil {
		return errors.New("a time is a number of seconds, or has units as in 1m30s")
	}
	if d <= 0 {
		return errors.New("a time is more than nothing")
	}
	*s = seconds(d)
	return nil
}

// sizeFlag is the value of a flag for a number of octets: "500K", "10M", "2G", or "none", which is negative.
type sizeFlag int64

func (f *sizeFlag) String() string {
	n := int64(*f)
	if n < 0 {
		return "none"
	}
	for i := len(sizeUnits) - 1; i > 0; i-- {
		if unit := int64(1) << (10 * i); n >= unit && n%unit == 0 {
			return strconv.FormatInt(n/unit, 10) + sizeUnits[i:i+1]
		}
	}
	return strconv.FormatInt(n, 10)
}

func (f *sizeFlag) Type() string { return "SIZE" }

// sizeUnits are the letters behind a number, each 1024 times the one before; the first stands for none.
const sizeUnits = "BKMGT"

func (f *sizeFlag) Set(text string) error {
	if text == "none" {
		*f = -1
		return nil
	}
	digits, shift := strings.ToUpper(text), 0
	if i := strings.IndexByte(sizeUnits, (digits + "?")[max(len(digits)-1, 0)]); i >= 0 {
		digits, shift = digits[:len(digits)-1], 10*i
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || n > (1<<63-1)>>shift {
		return errors.New("a size is a number of octets, or has a unit as in 500K, 10M or 2G, or is none")
	}
	*f = sizeFlag(n << shift)
	return nil
}

// once is the value of a flag that has one value and can be given once: of two, one would be lost.
type once struct {
	value string
	given bool
	name  string // of the value, in a help text
}

func (o *once) String() string { return o.value }
func (o *once) Type() string   { return o.name }

func (o *once) Set(text string) error {
	if o.given {
		return errors.New("it can be given once")
	}
	o.value, o.given = text, true
	return nil
}

// fieldFlag is the value of -H: field lines in the order in which they were given.
type fieldFlag struct {
	fields  headers.Fields
	removed []string // names of fields that are not to be sent automatically
}

func (f *fieldFlag) String() string { return "" }
func (f *fieldFlag) Type() string   { return "'NAME: VALUE'" }

// Set takes "Name: value", and as curl does "Name;" for a field with an empty value and "Name:" for one that is not
// sent. Whitespace on either side of the value is no part of it (RFC 9110 section 5.5).
func (f *fieldFlag) Set(text string) error {
	name, value, ok := strings.Cut(text, ":")
	value = strings.Trim(value, " \t")
	remove := ok && value == ""
	if !ok {
		if name, ok = strings.CutSuffix(strings.TrimRight(text, " \t"), ";"); !ok {
			return errors.New("a field is given as 'Name: value'")
		}
	}
	if _, err := wire.AppendFieldLine(nil, name, value); err != nil {
		return fmt.Errorf("it cannot be sent: %w", err)
	}
	if !remove {
		f.fields.Add(name, value)
		return nil
	}
	switch strings.ToLower(name) {
	case "host":
		return errors.New("every request has a Host (RFC 9112 section 3.2); 'Host;' sends an empty one")
	case "content-length", "transfer-encoding":
		return errors.New("it tells where the request ends (RFC 9112 section 6), so it cannot be left out")
	}
	f.removed = append(f.removed, name)
	return nil
}

// removes reports whether the field with that name is not to be sent automatically.
func (f *fieldFlag) removes(name string) bool {
	return slices.ContainsFunc(f.removed, func(s string) bool { return strings.EqualFold(s, name) })
}

// lenientFlag is the value of --lenient: the deviations that were named, together.
type lenientFlag struct{ lenient wire.Lenient }

func (f *lenientFlag) String() string { return "" }
func (f *lenientFlag) Type() string   { return "NAME[,NAME...]" }

// Set takes names with commas between them: those of [wire.ParseLenient], and "all".
func (f *lenientFlag) Set(text string) error {
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		l, ok := wire.ParseLenient(name)
		if name == "all" {
			l, ok = wire.LenientAll, true
		}
		if !ok {
			return fmt.Errorf("there is no %q; the names are all, http.client, %s",
				name, strings.ReplaceAll(wire.LenientAll.String(), "|", ", "))
		}
		f.lenient |= l
	}
	return nil
}
