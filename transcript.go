package passkeylab

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Parties and layers of a transcript.
const (
	thePage   = "page"
	theClient = "client"

	layerCTAP     = "CTAP"
	layerU2F      = "U2F"
	layerWebAuthn = "WebAuthn"
	layerSync     = "sync"
)

// Exchange passes a request on to the device and writes down both ways.
func (w *wiretap) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	d := w.device
	name, text := ctap.DescribeRequest(request)
	d.lab.record.message(report.Message{
		From: theClient, To: d.name, Layer: layerCTAP, Name: name, Bytes: request, Decoded: text,
	})
	answer, err := d.authenticator.Exchange(ctx, request)
	if err != nil {
		return nil, err
	}
	if tellsPIN(request) {
		d.pins.told()
	}
	status, text := ctap.DescribeResponse(ctap.Command(request[0]), answer)
	d.lab.record.message(report.Message{
		From: d.name, To: theClient, Layer: layerCTAP, Name: name, Status: status, Bytes: bytes.Clone(answer), Decoded: text,
	})
	return answer, nil
}

// ExchangeAPDU does the same with a command of U2F.
func (w *wiretap) ExchangeAPDU(ctx context.Context, command []byte) ([]byte, error) {
	d, name := w.device, "U2F"
	if len(command) > 1 {
		name = u2f.Instruction(command[1]).String()
	}
	d.lab.record.message(report.Message{From: theClient, To: d.name, Layer: layerU2F, Name: name, Bytes: bytes.Clone(command)})
	answer, err := d.authenticator.ExchangeAPDU(ctx, command)
	if err != nil {
		return nil, err
	}
	status := u2f.Status(binary.BigEndian.Uint16(answer[len(answer)-2:])) // which ends every answer
	d.lab.record.message(report.Message{
		From: d.name, To: theClient, Layer: layerU2F, Name: name, Status: status.String(), Bytes: bytes.Clone(answer),
	})
	return answer, nil
}

// credentials is navigator.credentials on a device: the client on it, with a
// record of what the page asked and got.
type credentials struct{ device *Device }

// CreateJSON answers navigator.credentials.create().
func (c credentials) CreateJSON(ctx context.Context, caller client.Caller, options []byte) ([]byte, error) {
	return c.answer("create()", protocol.HintCredential, caller, options, func(on *client.Client) ([]byte, error) {
		return on.CreateJSON(ctx, caller, options)
	})
}

// GetJSON answers navigator.credentials.get().
func (c credentials) GetJSON(ctx context.Context, caller client.Caller, options []byte) ([]byte, error) {
	return c.answer("get()", protocol.HintAssertion, caller, options, func(on *client.Client) ([]byte, error) {
		return on.GetJSON(ctx, caller, options)
	})
}

// SignalJSON answers the methods of the Signal API.
func (c credentials) SignalJSON(ctx context.Context, caller client.Caller, method string, options []byte) error {
	on, err := c.device.client(nil)
	if err != nil {
		return err
	}
	err = on.SignalJSON(ctx, caller, method, options)
	if err != nil {
		c.device.lab.record.message(result(method, nil, err))
	}
	return err
}

func (c credentials) answer(name string, hint protocol.Hint, caller client.Caller, options []byte, ask func(*client.Client) ([]byte, error)) ([]byte, error) {
	r := c.device.lab.record
	if caller.Mediation != "" {
		name += " with mediation " + caller.Mediation
	}
	r.message(report.Message{
		From: thePage, To: theClient, Layer: layerWebAuthn, Name: name, Bytes: options,
		Decoded: "origin: " + caller.Origin + "\n" + pretty(options),
	})
	phone := c.device.encounter(hint, caller.Mediation)
	defer phone.part()
	on, err := c.device.client(phone)
	if err != nil {
		return nil, err
	}
	answer, err := ask(on)
	r.message(result(name, answer, err))
	return answer, err
}

// result is the message that ends a ceremony.
func result(name string, answer []byte, err error) report.Message {
	m := report.Message{From: theClient, To: thePage, Layer: layerWebAuthn, Name: name, Bytes: answer, Decoded: decodeAnswer(answer)}
	var exception *webauthn.DOMException
	if errors.As(err, &exception) {
		m.Status = exception.Name
		if exception.Cause != nil {
			m.Decoded = "the page does not learn why: " + exception.Cause.Error()
		}
	}
	return m
}

// decodeAnswer shows a response with its client data spelled out.
func decodeAnswer(answer []byte) string {
	if len(answer) == 0 {
		return ""
	}
	text := pretty(answer)
	var parts struct {
		Response struct {
			ClientDataJSON webauthn.Base64URL `json:"clientDataJSON"`
		} `json:"response"`
	}
	if json.Unmarshal(answer, &parts) == nil && len(parts.Response.ClientDataJSON) > 0 {
		text += "\nclientDataJSON: " + string(parts.Response.ClientDataJSON)
	}
	return text
}

// pretty indents JSON; anything else stays as it is.
func pretty(data []byte) string {
	var v any
	if json.Unmarshal(data, &v) != nil {
		return string(data)
	}
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return string(data)
	}
	return string(out)
}
