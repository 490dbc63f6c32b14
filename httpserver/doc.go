// Package httpserver serves HTTP/1 on any net.Listener.
package httpserver
