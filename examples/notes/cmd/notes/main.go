// Command notes serves the application at http://localhost:8090.
package main

import (
	"log"
	"net/http"
	"time"

	"github.com/passkeylab/passkeylab/examples/notes"
)

func main() {
	app, err := notes.New("http://localhost:8090", "localhost")
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: "127.0.0.1:8090", Handler: app, ReadHeaderTimeout: time.Minute}
	log.Fatal(server.ListenAndServe())
}
