package store

// query names a prepared statement.
type query int

const (
	insertUser query = iota
	selectUserByID
	selectUserByEmail
	selectUserByIdentifier
	insertIdentifier
	selectUsers
	updatePassword
	updateProfile
	updateLogins
	snoozeProgressive
	snoozeLocal
	insertPasskey
	countPasskeys
	selectPasskeys
	selectPasskeyByCredential
	countPasskeysByRPID
	updatePasskeyUse
	updatePasskeyName
	deletePasskey
	insertBackupChange
	deleteBackupChanges
	selectBackupChanges
	insertTicket
	selectTicket
	updateTicketUsed
	updateTicketsOfUser
	deleteExpiredTickets
	insertSigningKey
	selectSigningKey
	updateSigningKeySealed
	selectDataKeyProof
	insertDataKeyProof
	insertRefreshToken
	insertRefreshSuccessor
	selectRefreshToken
	updateRefreshTokenUsed
	deleteRefreshFamily
	deleteRefreshTokensOfUser
	deleteExpiredRefreshTokens
	insertAuthenticator
	selectAuthenticators
	selectPlainAuthenticators
	updateAuthenticatorSealed
	updateAuthenticatorStep
	updateAuthenticatorSecret
	updateAuthenticatorUse
	updateAuthenticatorName
	deleteAuthenticator
	deleteLonelyRecoveryCodes
	insertEvent
	selectEvents
	selectLatestEvents
	deleteOldEvents
	selectSetting
	upsertSetting
	deleteSetting
	queryCount
)

const (
	userColumns = `users.id, users.handle, users.email, users.email_key, users.password, users.created_at, users.logins,
		users.progressive_snoozed_at, users.progressive_never, users.local_snoozed_at, users.local_never, users.profile, users.sessions_ended_at`
	passkeyColumns = `passkeys.id, passkeys.user_id, passkeys.credential_id, passkeys.public_key, passkeys.sign_count,
		passkeys.backup_eligible, passkeys.backed_up, passkeys.user_verified, passkeys.aaguid, passkeys.attachment,
		passkeys.transports, passkeys.attestation, passkeys.rp_id, passkeys.name, passkeys.user_agent,
		passkeys.created_at, passkeys.last_used_at`
	eventColumns = `seq, at, type, description, user_id, user_name, ip, user_agent, connection, client_id, client_name, details, hostname`
)

// queries is every statement this package prepares.
var queries = [queryCount]string{
	insertUser:        `INSERT INTO users (id, handle, email, email_key, password, created_at, profile) VALUES (?, ?, ?, ?, ?, ?, ?)`,
	selectUserByID:    `SELECT ` + userColumns + ` FROM users WHERE id = ?`,
	selectUserByEmail: `SELECT ` + userColumns + ` FROM users WHERE email_key = ?`,
	selectUserByIdentifier: `SELECT ` + userColumns + ` FROM users JOIN identifiers ON identifiers.user_id = users.id
		WHERE identifiers.kind = ? AND identifiers.key = ?`,
	insertIdentifier:  `INSERT INTO identifiers (kind, key, user_id) VALUES (?, ?, ?)`,
	selectUsers:       `SELECT ` + userColumns + ` FROM users ORDER BY created_at, rowid`,
	updateProfile:     `UPDATE users SET profile = ? WHERE id = ?`,
	updatePassword:    `UPDATE users SET password = ?, sessions_ended_at = ? WHERE id = ?`,
	updateLogins:      `UPDATE users SET logins = logins + 1 WHERE id = ?`,
	snoozeProgressive: `UPDATE users SET progressive_snoozed_at = ?, progressive_never = ? WHERE id = ?`,
	snoozeLocal:       `UPDATE users SET local_snoozed_at = ?, local_never = ? WHERE id = ?`,

	insertPasskey: `INSERT INTO passkeys (id, user_id, credential_id, public_key, sign_count, backup_eligible, backed_up,
		user_verified, aaguid, attachment, transports, attestation, rp_id, name, user_agent, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	countPasskeys:  `SELECT count(*) FROM passkeys WHERE user_id = ?`,
	selectPasskeys: `SELECT ` + passkeyColumns + ` FROM passkeys WHERE user_id = ? ORDER BY created_at, rowid`,
	selectPasskeyByCredential: `SELECT ` + passkeyColumns + `, ` + userColumns + `
		FROM passkeys JOIN users ON users.id = passkeys.user_id WHERE passkeys.credential_id = ?`,
	countPasskeysByRPID: `SELECT rp_id, count(*) FROM passkeys GROUP BY rp_id`,
	// The counter condition repeats the verifier's rule inside the transaction, so
	// that two answers racing with the same counter cannot both win.
	updatePasskeyUse: `UPDATE passkeys SET sign_count = ?1, backed_up = ?2, last_used_at = ?3
		WHERE id = ?4 AND (?5 = 1 OR sign_count < ?1 OR (sign_count = 0 AND ?1 = 0))`,
	updatePasskeyName: `UPDATE passkeys SET name = ? WHERE id = ? AND user_id = ?`,
	deletePasskey:     `DELETE FROM passkeys WHERE id = ? AND user_id = ?`,

	insertBackupChange: `INSERT INTO backup_changes (passkey_id, at, backed_up) VALUES (?, ?, ?)`,
	deleteBackupChanges: `DELETE FROM backup_changes WHERE passkey_id = ? AND seq NOT IN
		(SELECT seq FROM backup_changes WHERE passkey_id = ? ORDER BY seq DESC LIMIT ?)`,
	selectBackupChanges: `SELECT backup_changes.passkey_id, backup_changes.at, backup_changes.backed_up FROM backup_changes JOIN passkeys ON passkeys.id = backup_changes.passkey_id
		WHERE passkeys.user_id = ? ORDER BY backup_changes.seq`,

	insertTicket:        `INSERT INTO tickets (hash, user_id, expires_at) VALUES (?, ?, ?)`,
	selectTicket:        `SELECT hash, user_id, expires_at, used_at FROM tickets WHERE hash = ?`,
	updateTicketUsed:    `UPDATE tickets SET used_at = ? WHERE hash = ? AND used_at = 0`,
	updateTicketsOfUser: `UPDATE tickets SET used_at = ? WHERE user_id = ? AND used_at = 0`,
	deleteExpiredTickets: `DELETE FROM tickets WHERE hash IN
		(SELECT hash FROM tickets WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,

	// The first key stays, also when two processes make one at the same time.
	insertSigningKey: `INSERT INTO signing_keys (pkcs8, created_at, sealed) SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM signing_keys)`,
	selectSigningKey: `SELECT pkcs8, sealed FROM signing_keys ORDER BY rowid LIMIT 1`,
	// There is one row, but for databases of before, which may have had several.
	updateSigningKeySealed: `UPDATE signing_keys SET pkcs8 = ?, sealed = 1`,
	selectDataKeyProof:     `SELECT proof FROM data_keys`,
	insertDataKeyProof:     `INSERT INTO data_keys (proof) VALUES (?)`,

	insertRefreshToken: `INSERT INTO refresh_tokens (hash, family, user_id, client_id, scope, audience, authenticated_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
	selectRefreshToken: `SELECT hash, family, user_id, client_id, scope, audience, authenticated_at, expires_at, used_at
		FROM refresh_tokens WHERE hash = ?`,
	updateRefreshTokenUsed: `UPDATE refresh_tokens SET used_at = ? WHERE hash = ? AND used_at = 0`,
	insertRefreshSuccessor: `INSERT INTO refresh_tokens (hash, family, user_id, client_id, scope, audience, authenticated_at, expires_at)
		SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM refresh_tokens WHERE family = ?)`,
	deleteRefreshFamily:       `DELETE FROM refresh_tokens WHERE family = ?`,
	deleteRefreshTokensOfUser: `DELETE FROM refresh_tokens WHERE user_id = ?`,
	deleteExpiredRefreshTokens: `DELETE FROM refresh_tokens WHERE hash IN
		(SELECT hash FROM refresh_tokens WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,

	insertAuthenticator: `INSERT INTO authenticators (id, user_id, type, secret, address, used_step, created_at, sealed, name)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?9, ?10 WHERE ?8 = 0 OR NOT EXISTS (SELECT 1 FROM authenticators WHERE user_id = ?2)`,
	selectAuthenticators: `SELECT id, user_id, type, secret, address, used_step, created_at, last_used_at, sealed, name
		FROM authenticators WHERE user_id = ? ORDER BY created_at, rowid`,
	selectPlainAuthenticators: `SELECT id, secret FROM authenticators WHERE type = ? AND sealed = 0`,
	updateAuthenticatorSealed: `UPDATE authenticators SET secret = ?, sealed = 1 WHERE id = ?`,
	// The conditions hold what is good once to that: of two that race, one finds no row.
	updateAuthenticatorStep:   `UPDATE authenticators SET used_step = ?1, last_used_at = ?2 WHERE id = ?3 AND used_step < ?1`,
	updateAuthenticatorSecret: `UPDATE authenticators SET secret = ?, last_used_at = ? WHERE id = ? AND secret = ?`,
	updateAuthenticatorUse:    `UPDATE authenticators SET last_used_at = ? WHERE id = ?`,
	updateAuthenticatorName:   `UPDATE authenticators SET name = ? WHERE id = ? AND user_id = ?`,
	deleteAuthenticator:       `DELETE FROM authenticators WHERE id = ? AND user_id = ?`,
	deleteLonelyRecoveryCodes: `DELETE FROM authenticators WHERE user_id = ?1 AND type = ?2
		AND NOT EXISTS (SELECT 1 FROM authenticators AS other WHERE other.user_id = ?1 AND other.type <> ?2)`,

	insertEvent: `INSERT INTO events (at, type, description, user_id, user_name, ip, user_agent, connection, client_id, client_name, details, hostname)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	selectEvents:       `SELECT ` + eventColumns + ` FROM events WHERE seq > ? ORDER BY seq`,
	selectLatestEvents: `SELECT ` + eventColumns + ` FROM events ORDER BY seq DESC LIMIT ?`,
	// Of the first lines alone, so that it takes as long whether or not any is too old.
	deleteOldEvents: `DELETE FROM events WHERE seq IN
		(SELECT seq FROM (SELECT seq, at FROM events ORDER BY seq LIMIT ?) AS oldest WHERE at < ?)`,

	selectSetting: `SELECT value FROM settings WHERE key = ?`,
	upsertSetting: `INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
	deleteSetting: `DELETE FROM settings WHERE key = ?`,
}
