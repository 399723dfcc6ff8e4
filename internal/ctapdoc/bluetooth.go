package ctapdoc

var bluetooth = Table{"Bluetooth Low Energy", "§11.4 of CTAP 2.3. Its text was not at hand; rows are named after what implementations agree on.", []Row{
	{"fragments", "§11.4", "ctap/ble/fragment.go", tests("ctap/ble: TestFragmentsOfAnySize TestNotificationsFollowTheMTU TestAnswersTooLong FuzzDevice FuzzHost"), nil, ""},
	{"requests and their time, errors", "§11.4", "ctap/ble/device.go", tests("ctap/ble: TestTransactions TestNotifications TestWords", "transport: TestBLEServesOneAtATime TestBLEDevicesThatFail"), nil, ""},
	{"PING and MSG over Bluetooth", "§11.4", "ctap/ble/device.go", tests("ctap/ble: TestTransactions", "transport: TestBLERequestsPassThrough TestAnAuthenticatorOverBLE"), nil, ""},
	{"KEEPALIVE every 500 ms", "§11.4", "transport/bleserver.go", tests("transport: TestBLEKeepalives"), nil, ""},
	{"CANCEL over Bluetooth", "§11.4", "transport/bleclient.go", tests("transport: TestBLECancelling TestBLEConnectionsAreGivenUp"), nil, ""},
	{"fidoControlPointLength", "§11.4", "ctap/ble/service.go", tests("ctap/ble: TestCharacteristics TestDeviceConfig"), nil, ""},
	{"fidoServiceRevisionBitfield, CTAP2 and U2F", "§11.4", "ctap/ble/service.go", tests("ctap/ble: TestRevisions", "transport: TestBLERequestsPassThrough"), nil, ""},
	{"FIDO service, pairing, advertising", "§11.4", "transport/bluez/gatt.go", tests("transport/bluez: TestSecurityKeyOverBluetooth TestCharacteristicsOverBluetooth TestClientsHaveToPair TestKeyIsAdvertised TestServingEnds"), nil, "Through BlueZ, of which a stand-in was there to try, and no radio. One client at a time."},
}}
