package har_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// A rule is what the description of HAR 1.2 says of one member.
type rule struct {
	optional bool
	check    func(path string, v any) []string
}

func must(check func(string, any) []string) rule { return rule{false, check} }
func may(check func(string, any) []string) rule  { return rule{true, check} }

// members checks an object. Members that the format does not know are faults, unless they begin with an underscore.
func members(rules map[string]rule) func(string, any) []string {
	return func(path string, v any) (faults []string) {
		o, ok := v.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is no object: %v", path, v)}
		}
		for name, r := range rules {
			if m, ok := o[name]; ok {
				faults = append(faults, r.check(path+"."+name, m)...)
			} else if !r.optional {
				faults = append(faults, path+"."+name+" is missing")
			}
		}
		for name := range o {
			if _, ok := rules[name]; !ok && !strings.HasPrefix(name, "_") {
				faults = append(faults, path+"."+name+" is unknown")
			}
		}
		return faults
	}
}

func list(element func(string, any) []string) func(string, any) []string {
	return func(path string, v any) (faults []string) {
		a, ok := v.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s is no array: %v", path, v)}
		}
		for i, e := range a {
			faults = append(faults, element(fmt.Sprintf("%s[%d]", path, i), e)...)
		}
		return faults
	}
}

func str(path string, v any) []string {
	if _, ok := v.(string); !ok {
		return []string{fmt.Sprintf("%s is no string: %v", path, v)}
	}
	return nil
}

func oneOf(values ...string) func(string, any) []string {
	return func(path string, v any) []string {
		if s, ok := v.(string); !ok || !slices.Contains(values, s) {
			return []string{fmt.Sprintf("%s is none of %q: %v", path, values, v)}
		}
		return nil
	}
}

func boolean(path string, v any) []string {
	if _, ok := v.(bool); !ok {
		return []string{fmt.Sprintf("%s is no boolean: %v", path, v)}
	}
	return nil
}

// number is one of at least least, or -1 where unknown is allowed.
func number(whole, unknown bool) func(string, any) []string {
	return func(path string, v any) []string {
		n, ok := v.(float64)
		if !ok || n < 0 && !(unknown && n == -1) || whole && n != math.Trunc(n) {
			return []string{fmt.Sprintf("%s is no such number: %v", path, v)}
		}
		return nil
	}
}

func date(path string, v any) []string {
	s, _ := v.(string)
	if _, err := time.Parse(time.RFC3339Nano, s); err != nil {
		return []string{fmt.Sprintf("%s is no ISO 8601 date: %v", path, v)}
	}
	return nil
}

var (
	comment = may(str)
	pair    = list(members(map[string]rule{"name": must(str), "value": must(str), "comment": comment}))
	cookies = list(members(map[string]rule{"name": must(str), "value": must(str), "path": may(str), "domain": may(str),
		"expires": may(date), "httpOnly": may(boolean), "secure": may(boolean), "comment": comment}))
	creator = members(map[string]rule{"name": must(str), "version": must(str), "comment": comment})
	params  = list(members(map[string]rule{"name": must(str), "value": may(str), "fileName": may(str),
		"contentType": may(str), "comment": comment}))
	timing = may(number(false, true))

	entry = members(map[string]rule{
		"pageref": may(str), "startedDateTime": must(date), "time": must(number(false, false)),
		"serverIPAddress": may(str), "connection": may(str), "comment": comment,
		"cache": must(members(map[string]rule{"beforeRequest": may(str), "afterRequest": may(str), "comment": comment})),
		"request": must(members(map[string]rule{
			"method": must(str), "url": must(str), "httpVersion": must(str), "cookies": must(cookies), "headers": must(pair),
			"queryString": must(pair), "headersSize": must(number(true, true)), "bodySize": must(number(true, true)), "comment": comment,
			"postData": may(members(map[string]rule{"mimeType": must(str), "params": must(params), "text": must(str), "comment": comment})),
		})),
		"response": must(members(map[string]rule{
			"status": must(number(true, false)), "statusText": must(str), "httpVersion": must(str), "cookies": must(cookies),
			"headers": must(pair), "redirectURL": must(str), "headersSize": must(number(true, true)),
			"bodySize": must(number(true, true)), "comment": comment,
			"content": must(members(map[string]rule{"size": must(number(true, false)), "compression": may(whole),
				"mimeType": must(str), "text": may(str), "encoding": may(oneOf("base64")), "comment": comment})),
		})),
		"timings": must(members(map[string]rule{"blocked": timing, "dns": timing, "connect": timing, "ssl": timing,
			"send": must(number(false, false)), "wait": must(number(false, false)), "receive": must(number(false, false)), "comment": comment})),
	})

	archive = members(map[string]rule{"log": must(members(map[string]rule{
		"version": must(oneOf("1.2")), "creator": must(creator), "browser": may(creator), "comment": comment,
		"pages": may(list(str)), "entries": must(list(entry)),
	}))})
)

func whole(path string, v any) []string {
	if n, ok := v.(float64); !ok || n != math.Trunc(n) {
		return []string{fmt.Sprintf("%s is no whole number: %v", path, v)}
	}
	return nil
}

// validate returns what in a file is not HAR 1.2: members, their types, and what the format says of them together.
func validate(file []byte) []string {
	var v any
	if err := json.Unmarshal(file, &v); err != nil {
		return []string{err.Error()}
	}
	if faults := archive("archive", v); len(faults) > 0 {
		return faults
	}
	var faults []string
	last := ""
	for i, e := range v.(map[string]any)["log"].(map[string]any)["entries"].([]any) {
		e := e.(map[string]any)
		path := fmt.Sprintf("archive.log.entries[%d]", i)
		sum := 0.0
		timings := e["timings"].(map[string]any)
		for name, ms := range timings {
			if ms := ms.(float64); name != "ssl" && ms > 0 {
				sum += ms
			}
		}
		if total := e["time"].(float64); math.Abs(total-sum) > 1e-6 {
			faults = append(faults, fmt.Sprintf("%s.time is %v, and its timings are %v", path, total, sum))
		}
		if ssl, connect := timings["ssl"], timings["connect"]; ssl != nil && ssl.(float64) > connect.(float64) {
			faults = append(faults, fmt.Sprintf("%s: ssl takes longer than connect, which has it", path))
		}
		if started := e["startedDateTime"].(string); started < last {
			faults = append(faults, path+" is older than the one before it")
		} else {
			last = started
		}
		content := e["response"].(map[string]any)["content"].(map[string]any)
		if content["encoding"] != nil {
			if _, err := base64.StdEncoding.DecodeString(content["text"].(string)); err != nil {
				faults = append(faults, fmt.Sprintf("%s: %v", path, err))
			}
		}
	}
	return faults
}

// The validator finds what is wrong.
func TestValidate(t *testing.T) {
	const good = `{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[{"startedDateTime":"2009-07-24T19:20:30.123+02:00",
		"time":3,"cache":{},"request":{"method":"GET","url":"http://a/","httpVersion":"HTTP/1.1","cookies":[],"headers":[{"name":"a","value":"b"}],
		"queryString":[],"headersSize":-1,"bodySize":-1},"response":{"status":200,"statusText":"OK","httpVersion":"HTTP/1.1","cookies":[],
		"headers":[],"content":{"size":0,"mimeType":""},"redirectURL":"","headersSize":-1,"bodySize":-1},
		"timings":{"dns":-1,"connect":1,"ssl":1,"send":0,"wait":2,"receive":0}}]}}`
	if faults := validate([]byte(good)); len(faults) > 0 {
		t.Fatalf("a good file: %q", faults)
	}
	for _, change := range [][2]string{
		{`"1.2"`, `"1.1"`}, {`"name":"x",`, ``}, {`2009-07-24T`, `24.7.2009 `}, {`"time":3`, `"time":4`}, {`"time":3`, `"time":"3"`},
		{`"cache":{},`, ``}, {`"method"`, `"Method"`}, {`"cookies":[]`, `"cookies":null`}, {`"value":"b"`, `"value":1`},
		{`"headersSize":-1`, `"headersSize":-2`}, {`"headersSize":-1`, `"headersSize":1.5`}, {`"status":200`, `"status":-1`},
		{`"size":0`, `"size":0,"encoding":"hex"`}, {`"size":0`, `"size":0,"text":"!","encoding":"base64"`}, {`"send":0`, `"send":-1`},
		{`"connect":1,"ssl":1`, `"connect":1,"ssl":2`}, {`"cache":{}`, `"cache":[]`}, {`"log"`, `"lag"`}, {`]}}`, `]}`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good || len(validate([]byte(bad))) == 0 {
			t.Errorf("%s in the place of %s is not found", change[1], change[0])
		}
	}
}
