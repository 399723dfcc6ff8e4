// A relying party that has nothing but WebAuthn4J. Run as source: java -cp JARS WebAuthn4J.java [ROOTS]
//
// It serves the FIDO server conformance interface and does what the library leaves to its
// callers: options, sessions of one ceremony each, accounts, whose credential it is, that
// no credential is registered twice, and that a user handle is the user's. What is in an
// answer it leaves to the library. ROOTS is a folder with FORMAT.pem, to be trusted.

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.webauthn4j.WebAuthnManager;
import com.webauthn4j.anchor.TrustAnchorRepository;
import com.webauthn4j.converter.util.ObjectConverter;
import com.webauthn4j.credential.CredentialRecord;
import com.webauthn4j.credential.CredentialRecordImpl;
import com.webauthn4j.data.AuthenticationParameters;
import com.webauthn4j.data.PublicKeyCredentialParameters;
import com.webauthn4j.data.PublicKeyCredentialType;
import com.webauthn4j.data.RegistrationParameters;
import com.webauthn4j.data.attestation.authenticator.AAGUID;
import com.webauthn4j.data.attestation.statement.COSEAlgorithmIdentifier;
import com.webauthn4j.data.client.Origin;
import com.webauthn4j.data.client.challenge.DefaultChallenge;
import com.webauthn4j.server.ServerProperty;
import com.webauthn4j.verifier.attestation.statement.AttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.statement.androidkey.AndroidKeyAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.statement.androidsafetynet.AndroidSafetyNetAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.statement.apple.AppleAnonymousAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.statement.none.NoneAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.statement.packed.PackedAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.statement.tpm.TPMAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.statement.u2f.FIDOU2FAttestationStatementVerifier;
import com.webauthn4j.verifier.attestation.trustworthiness.certpath.DefaultCertPathTrustworthinessVerifier;
import com.webauthn4j.verifier.attestation.trustworthiness.self.DefaultSelfAttestationTrustworthinessVerifier;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

public final class WebAuthn4J {
    private static final String RP_ID = "rp.example";
    private static final Origin ORIGIN = new Origin("https://rp.example");
    private static final int MOST_BYTES = 1 << 20;
    private static final List<PublicKeyCredentialParameters> ALGORITHMS = Stream.of(
            COSEAlgorithmIdentifier.ES256, COSEAlgorithmIdentifier.EdDSA, COSEAlgorithmIdentifier.RS256,
            COSEAlgorithmIdentifier.ES384, COSEAlgorithmIdentifier.ES512, COSEAlgorithmIdentifier.RS384,
            COSEAlgorithmIdentifier.RS512, COSEAlgorithmIdentifier.PS256, COSEAlgorithmIdentifier.RS1)
            .map(alg -> new PublicKeyCredentialParameters(PublicKeyCredentialType.PUBLIC_KEY, alg)).toList();

    private record User(byte[] id, String name, Map<String, CredentialRecord> credentials) {}

    private record Session(String kind, User user, byte[] challenge, String userVerification) {}

    private final JsonMapper json = JsonMapper.builder().build();
    private final SecureRandom random = new SecureRandom();
    private final Map<String, User> users = new HashMap<>();
    private final Map<String, Session> sessions = new HashMap<>();
    private final Set<String> registered = new HashSet<>();
    private final WebAuthnManager library;

    private WebAuthn4J(WebAuthnManager library) {
        this.library = library;
    }

    public static void main(String[] arguments) throws Exception {
        WebAuthn4J here = new WebAuthn4J(arguments.length == 0
                ? WebAuthnManager.createNonStrictWebAuthnManager() : strict(roots(Path.of(arguments[0]))));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.createContext("/", here::answer);
        server.start();
        System.out.println("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** The manager that verifies statements and chains, as the documentation has it made. */
    private static WebAuthnManager strict(Set<TrustAnchor> anchors) {
        ObjectConverter converter = new ObjectConverter();
        List<AttestationStatementVerifier> formats = List.of(
                new NoneAttestationStatementVerifier(), new PackedAttestationStatementVerifier(),
                new FIDOU2FAttestationStatementVerifier(), new TPMAttestationStatementVerifier(),
                new AndroidKeyAttestationStatementVerifier(), new AndroidSafetyNetAttestationStatementVerifier(),
                new AppleAnonymousAttestationStatementVerifier());
        TrustAnchorRepository repository = new TrustAnchorRepository() {
            @Override public Set<TrustAnchor> find(AAGUID aaguid) { return anchors; }

            @Override public Set<TrustAnchor> find(byte[] attestationCertificateKeyIdentifier) { return anchors; }
        };
        return new WebAuthnManager(formats, new DefaultCertPathTrustworthinessVerifier(repository),
                new DefaultSelfAttestationTrustworthinessVerifier(), converter);
    }

    private static Set<TrustAnchor> roots(Path folder) throws Exception {
        Set<TrustAnchor> anchors = new HashSet<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".pem")).toList()) {
                try (InputStream pem = Files.newInputStream(file)) {
                    for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                        anchors.add(new TrustAnchor((X509Certificate) certificate, null));
                    }
                }
            }
        }
        return anchors;
    }

    private void answer(HttpExchange exchange) throws IOException {
        ObjectNode body = json.createObjectNode();
        int status = 200;
        try (InputStream in = exchange.getRequestBody()) {
            byte[] text = in.readNBytes(MOST_BYTES + 1);
            require(text.length <= MOST_BYTES, "too long");
            synchronized (this) {
                carryOut(exchange, json.readTree(text), body);
            }
            body.put("status", "ok").put("errorMessage", "");
        } catch (Exception | StackOverflowError refusal) { // whatever a library throws is how it refuses
            status = 400;
            body.removeAll();
            body.put("status", "failed").put("errorMessage", refusal.getClass().getSimpleName() + ": " + refusal.getMessage());
        }
        byte[] text = json.writeValueAsBytes(body);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, text.length);
        exchange.getResponseBody().write(text);
        exchange.close();
    }

    private void carryOut(HttpExchange exchange, JsonNode asked, ObjectNode body) {
        require(asked.isObject(), "no object");
        String[] route = exchange.getRequestURI().getPath().split("/");
        require(route.length == 3 && Set.of("attestation", "assertion").contains(route[1]), "no such route");
        switch (route[2]) {
            case "options" -> {
                Session session = options(route[1], (ObjectNode) asked, body);
                String cookie = base64url(bytes(16));
                sessions.put(cookie, session);
                exchange.getResponseHeaders().set("Set-Cookie", "session=" + cookie + "; Path=/; HttpOnly");
            }
            case "result" -> {
                String cookie = String.valueOf(exchange.getRequestHeaders().getFirst("Cookie"));
                Session session = sessions.remove(cookie.replaceFirst("^(.*; )?session=([^;]*).*$", "$2"));
                require(session != null && session.kind().equals(route[1]), "nothing was asked");
                result(session, (ObjectNode) asked);
            }
            default -> throw new IllegalArgumentException("no such route");
        }
    }

    private Session options(String kind, ObjectNode asked, ObjectNode body) {
        String name = text(asked, "username");
        User user = users.get(name);
        byte[] challenge = bytes(32);
        body.put("challenge", base64url(challenge)).put("timeout", 60000);
        if (asked.has("extensions")) {
            body.set("extensions", asked.get("extensions"));
        }
        if (kind.equals("assertion")) {
            require(user != null && !user.credentials().isEmpty(), "no such user");
            String verification = asked.has("userVerification") ? text(asked, "userVerification") : "preferred";
            body.put("rpId", RP_ID).put("userVerification", verification).set("allowCredentials", listed(user));
            return new Session(kind, user, challenge, verification);
        }
        if (user == null) {
            user = new User(bytes(32), name, new HashMap<>());
        }
        body.putObject("rp").put("id", RP_ID).put("name", "Judged");
        body.putObject("user").put("id", base64url(user.id())).put("name", name).put("displayName", text(asked, "displayName"));
        ArrayNode parameters = body.putArray("pubKeyCredParams");
        ALGORITHMS.forEach(p -> parameters.addObject().put("type", "public-key").put("alg", p.getAlg().getValue()));
        body.put("attestation", asked.has("attestation") ? text(asked, "attestation") : "none");
        body.set("excludeCredentials", listed(user));
        JsonNode selection = asked.has("authenticatorSelection") ? asked.get("authenticatorSelection") : json.createObjectNode();
        require(selection.isObject(), "authenticatorSelection is no object");
        body.set("authenticatorSelection", selection);
        users.put(name, user);
        return new Session(kind, user, challenge, selection.path("userVerification").asString("preferred"));
    }

    private void result(Session session, ObjectNode answer) {
        byte[] id = Base64.getUrlDecoder().decode(text(answer, "id"));
        require(base64url(id).equals(text(answer, "id")) && text(answer, "type").equals("public-key"), "id or type is none");
        if (!answer.has("rawId")) {
            answer.put("rawId", base64url(id)); // which the interface leaves out
        }
        answer.set("clientExtensionResults", answer.path("getClientExtensionResults"));
        answer.remove("getClientExtensionResults");
        User user = session.user();
        ServerProperty server = ServerProperty.builder().origin(ORIGIN).rpId(RP_ID).challenge(new DefaultChallenge(session.challenge())).build();
        boolean verified = session.userVerification().equals("required");
        if (session.kind().equals("attestation")) {
            var made = library.verifyRegistrationResponseJSON(answer.toString(), new RegistrationParameters(server, ALGORITHMS, verified, true));
            String madeID = base64url(made.getAttestationObject().getAuthenticatorData().getAttestedCredentialData().getCredentialId());
            require(registered.add(madeID), "that credential is registered already");
            user.credentials().put(madeID, new CredentialRecordImpl(
                    made.getAttestationObject(), made.getCollectedClientData(), made.getClientExtensions(), made.getTransports()));
            return;
        }
        CredentialRecord credential = user.credentials().get(text(answer, "id"));
        require(credential != null, "that credential is not the user's");
        JsonNode handle = answer.path("response").path("userHandle");
        require(handle.isMissingNode() || handle.isNull() || Set.of("", base64url(user.id())).contains(handle.stringValue()),
                "the user handle is not the user's");
        List<byte[]> allowed = user.credentials().keySet().stream().map(Base64.getUrlDecoder()::decode).toList();
        var used = library.verifyAuthenticationResponseJSON(answer.toString(), new AuthenticationParameters(server, credential, allowed, verified, true));
        credential.setCounter(used.getAuthenticatorData().getSignCount());
        credential.setBackedUp(used.getAuthenticatorData().isFlagBS());
    }

    private ArrayNode listed(User user) {
        ArrayNode all = json.createArrayNode();
        user.credentials().keySet().forEach(id -> all.addObject().put("type", "public-key").put("id", id));
        return all;
    }

    private byte[] bytes(int n) {
        byte[] b = new byte[n];
        random.nextBytes(b);
        return b;
    }

    private static String text(JsonNode in, String name) {
        require(in.path(name).isString() && !in.path(name).stringValue().isEmpty(), "no " + name);
        return in.path(name).stringValue();
    }

    private static String base64url(byte[] b) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(b);
    }

    private static void require(boolean so, String otherwise) {
        if (!so) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
