package attestation

import "slices"

// TPMVendor is a maker of TPMs as the certificates of its TPMs name it (TCG EK
// Credential Profile for TPM Family 2.0, 3.2.9).
type TPMVendor struct {
	// ID is what TPM_PT_MANUFACTURER has, in hexadecimal: three or four letters,
	// filled up with zeros or a space (TCG TPM Vendor ID Registry, table 2).
	ID   string
	Name string // for people; it is in no certificate

	// Model and Version, the latter in hexadecimal, are of the part; "" = made up.
	// The profile asks for versions of eight digits. Certificates with two are in use.
	Model, Version string
}

// What a vendor whose parts are not known has made.
const (
	anyTPMModel   = "TPM 2.0"
	anyTPMVersion = "00010000"
)

// nuvoton makes the TPM in most public samples of Windows Hello's statements.
var nuvoton = TPMVendor{"4E544300", "Nuvoton Technology", "NPCT75x", "00070002"}

// tpmVendors are makers of TPMs for computers, after version 1.08 of the registry,
// with parts that are named in public samples. The last is none of the registry's:
// FIDO's conformance tools use it.
var tpmVendors = []TPMVendor{
	{ID: "414D4400", Name: "AMD"},
	{ID: "41544D4C", Name: "Atmel"},
	{ID: "4252434D", Name: "Broadcom"},
	{ID: "4353434F", Name: "Cisco"},
	{ID: "474F4F47", Name: "Google"},
	{ID: "48495349", Name: "Huawei"},
	{ID: "48504500", Name: "HPE"},
	{ID: "49424D00", Name: "IBM"},
	{ID: "49465800", Name: "Infineon"},
	{ID: "494E5443", Name: "Intel"},
	{ID: "4C454E00", Name: "Lenovo"},
	{ID: "4D534654", Name: "Microsoft"},
	{ID: "4E534D20", Name: "National Semiconductor"},
	nuvoton,
	{ID: "4E545A00", Name: "Nationz"},
	{ID: "51434F4D", Name: "Qualcomm"},
	{ID: "524F4343", Name: "Fuzhou Rockchip"},
	{ID: "534D5343", Name: "SMSC"},
	{ID: "534D534E", Name: "Samsung"},
	{ID: "534E5300", Name: "Sinosun"},
	{ID: "53544D20", Name: "STMicroelectronics", Model: "ST33HTPxAHA6", Version: "00470004"},
	{ID: "54584E00", Name: "Texas Instruments"},
	{ID: "57454300", Name: "Winbond"},
	{ID: "FFFFF1D0", Name: "FIDO Alliance, for tests", Model: "NPCT6xx", Version: "13"},
}

// TPMVendors returns vendors that relying parties know, sorted by ID.
func TPMVendors() []TPMVendor { return slices.Clone(tpmVendors) }
