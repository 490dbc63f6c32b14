package swap

import (
	"net/http"
	"reflect"
	"sync"

	"github.com/strata-http/strata/nethttp"
)

// Transports keeps the Transport of Strata for each of net/http. The zero value is ready.
type Transports struct {
	mu  sync.Mutex
	all map[*http.Transport]*swapped
}

// swapped is a Transport of Strata, and the settings that it was made for.
type swapped struct {
	settings []any
	ours     *nethttp.Transport
}

// Of returns the Transport of Strata in the place of t. When the settings of t have changed since, it is a new one: programs
// change those of a Transport that is in use, and net/http looks at most of them for each request.
func (s *Transports) Of(t *http.Transport) *nethttp.Transport {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := settings(t)
	if have := s.all[t]; have != nil {
		if reflect.DeepEqual(have.settings, now) {
			return have.ours
		}
		have.ours.CloseIdleConnections()
	}
	if s.all == nil {
		s.all = map[*http.Transport]*swapped{}
	}
	fresh := &swapped{settings: now, ours: Transport(t)}
	s.all[t] = fresh
	return fresh.ours
}

// settings returns the exported fields of a Transport in a form that compares: functions and pointers by where they are.
func settings(t *http.Transport) (all []any) {
	v := reflect.ValueOf(t).Elem()
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		switch f := v.Field(i); f.Kind() {
		case reflect.Func, reflect.Pointer, reflect.Map:
			all = append(all, f.Pointer())
		default:
			all = append(all, f.Interface())
		}
	}
	return all
}
