package bridge

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/strata-http/strata/nethttp"
)

// TestOAuth2: a client of golang.org/x/oauth2 gets a token by the client credentials grant (RFC 6749 section 4.4), uses it
// until it is over, and gets another one, all through a Transport of Strata.
func TestOAuth2(t *testing.T) {
	var tokens, refused atomic.Int32
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		id, secret, ok := r.BasicAuth()
		if !ok || id != "client" || secret != "s e/c" && secret != "s+e%2Fc" || r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "a b" {
			refused.Add(1)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"error":"invalid_client"}`)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		// The first is over at once, as the library takes one for over some seconds before.
		lifetime := map[bool]int{true: 1, false: 3600}[tokens.Add(1) == 1]
		json.NewEncoder(w).Encode(map[string]any{"access_token": fmt.Sprint("token-", tokens.Load()), "token_type": "bearer", "expires_in": lifetime})
	})
	mux.HandleFunc("/api/{name}", func(w http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s %q", r.Method, r.PathValue("name"), r.Header.Get("Authorization"), content)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)

	transport := nethttp.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: transport, Timeout: time.Minute})
	config := clientcredentials.Config{
		ClientID: "client", ClientSecret: "s e/c", TokenURL: server.URL + "/token", Scopes: []string{"a", "b"},
	}
	client := config.Client(ctx)
	for i, want := range []string{`GET one Bearer token-1 ""`, `GET two Bearer token-2 ""`, `GET three Bearer token-2 ""`} {
		res, err := client.Get(server.URL + "/api/" + []string{"one", "two", "three"}[i])
		if err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, res.Body); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if stats := transport.Stats(); stats.Dialled != 1 {
		t.Errorf("%+v: the connection was not used again", stats)
	}

	config.ClientSecret = "wrong"
	_, err := config.Client(ctx).Get(server.URL + "/api/x")
	if failed, ok := errorAs[*oauth2.RetrieveError](err); !ok || failed.ErrorCode != "invalid_client" || refused.Load() == 0 {
		t.Errorf("a wrong secret: %v", err)
	}
}
