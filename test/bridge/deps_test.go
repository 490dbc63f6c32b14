package bridge

// What the suites are built of, so that go.mod pins it.
import (
	_ "github.com/coder/websocket"
	_ "github.com/go-chi/chi/v5"
	_ "github.com/go-resty/resty/v2"
	_ "github.com/gorilla/websocket"
	_ "golang.org/x/time/rate" // of the tests of resty
)
