package browser

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"
	"crypto/rand"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/usbkey"
)

func TestExplore(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	user := new(authenticator.ScriptedUser)
	dev, err := authenticator.New(authenticator.PINKey(), authenticator.Env{Store: authenticator.NewMemoryStore(), User: transport.Attend(user), Clock: authenticator.SystemClock{}, Random: rand.Reader})
	require.NoError(t, err)
	srv, err := transport.NewHIDServer(dev)
	require.NoError(t, err)
	defer srv.Close()
	s0 := time.Now()
	b, err := Launch(ctx, Options{Headed: true, Width: 800, Height: 720, Keys: []usbkey.Key{{Server: srv}}})
	require.NoError(t, err)
	defer b.Close()
	fmt.Println("start", time.Since(s0))
	site := testSite(t)
	c, err := b.NewContext(ctx, ContextOptions{})
	require.NoError(t, err)
	tab, err := c.NewTab(ctx)
	require.NoError(t, err)
	require.NoError(t, tab.Navigate(ctx, site+"/site.html"))
	n := 0
	look := func() {
		time.Sleep(1200 * time.Millisecond)
		c2, cc := context.WithTimeout(ctx, 300*time.Millisecond)
		d, _ := tab.Dialog(c2, func(Dialog) bool { return true })
		cc()
		fmt.Printf("%d: %s fields %d\n", n, d, d.Fields)
		if png, err := tab.WindowScreenshot(ctx); err == nil {
			os.WriteFile(fmt.Sprintf("/tmp/explore-%d.png", n), png, 0o644)
		}
		n++
		var x string
		_ = tab.Eval(ctx, `String(window.done ?? "pending")`, &x)
		fmt.Println("   ", x)
	}
	create := func(name string) {
		require.NoError(t, tab.Eval(ctx, `window.done=undefined; void navigator.credentials.create({publicKey:{challenge:new Uint8Array(32),rp:{id:"localhost",name:"Lab"},user:{id:new TextEncoder().encode("`+name+`"),name:"`+name+`",displayName:"`+name+`"},pubKeyCredParams:[{type:"public-key",alg:-7}],authenticatorSelection:{residentKey:"required",userVerification:"required"}}}).then(c=>window.done="ok "+JSON.stringify(c.response.getTransports()), e=>window.done=String(e))`, nil))
	}
	get := func() {
		require.NoError(t, tab.Eval(ctx, `window.done=undefined; void navigator.credentials.get({publicKey:{challenge:new Uint8Array(32),rpId:"localhost",userVerification:"required"}}).then(c=>window.done="ok "+c.id, e=>window.done=String(e))`, nil))
	}
	fmt.Println("== create, new pin")
	create("alice")
	look()
	fmt.Println(tab.FillDialog(ctx, "31", "31"))
	look()
	fmt.Println(tab.FillDialog(ctx, "3141", "3141"))
	look()
	fmt.Println(tab.PressDialog(ctx, "Next"))
	look()
	look()
	fmt.Println("== create bob")
	create("bob")
	look()
	fmt.Println(tab.FillDialog(ctx, "0000"))
	fmt.Println(tab.PressDialog(ctx, "Next"))
	look()
	fmt.Println(tab.FillDialog(ctx, "3141"))
	fmt.Println(tab.PressDialog(ctx, "Next"))
	look()
	look()
	fmt.Println("== get")
	get()
	look()
	fmt.Println(tab.FillDialog(ctx, "3141"))
	fmt.Println(tab.PressDialog(ctx, "Next"))
	look()
	look()
}
