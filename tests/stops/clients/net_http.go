// Go's net/http over HTTP/1.1, whose transport keeps a connection for each goroutine.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

var over atomic.Bool

func main() {
	threads, err := strconv.Atoi(os.Getenv("THREADS"))
	if err != nil {
		panic(err)
	}
	certificate, err := os.ReadFile(os.Getenv("CERTIFICATE"))
	if err != nil {
		panic(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(certificate)
	// A configuration of TLS turns HTTP/2 off.
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, MaxIdleConnsPerHost: threads}}
	var writers sync.WaitGroup
	for thread := 0; thread < threads; thread++ {
		writers.Add(1)
		go func(writer string) {
			defer writers.Done()
			write(client, writer)
		}(fmt.Sprintf("%s-%d", os.Getenv("NAME"), thread))
	}
	io.Copy(io.Discard, os.Stdin)
	over.Store(true)
	writers.Wait()
}

func write(client *http.Client, writer string) {
	for count := 0; !over.Load(); count++ {
		name := fmt.Sprintf("%s-%d", writer, count)
		links := fmt.Sprintf("%s/%s-%d/assets/links", os.Getenv("RELEASES"), writer, count/1000)
		body := fmt.Sprintf(`{"name":"%s","url":"https://files.example.com/%s"}`, name, name)
		request, err := http.NewRequest("POST", links, strings.NewReader(body))
		if err != nil {
			panic(err)
		}
		request.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))
		request.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(request)
		if err == nil {
			_, err = io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
		if err != nil {
			fmt.Println(err, name)
		} else {
			fmt.Println(answer.StatusCode, name)
		}
	}
}
