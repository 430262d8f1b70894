package dev.loupe.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.testing.TestAuthority;
import dev.loupe.testing.TestAuthority.Issued;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsFilesTest {
    private static final TestAuthority AUTHORITY = new TestAuthority("one");
    private static final TestAuthority OTHER = new TestAuthority("other");

    @TempDir
    Path folder;

    private Path certificate;
    private Path key;

    @BeforeEach
    void paths() {
        certificate = folder.resolve("tls.crt");
        key = folder.resolve("tls.key");
    }

    private TlsIdentity identity() {
        return new TlsIdentity("loupe.tls.certificate", certificate, "loupe.tls.key", key);
    }

    private static String alias(TlsIdentity identity, String type) {
        return identity.chooseEngineServerAlias(type, null, null);
    }

    private static KeyPair keys(String algorithm, String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (curve == null) {
            generator.initialize(2048);
        } else {
            generator.initialize(new ECGenParameterSpec(curve));
        }
        return generator.generateKeyPair();
    }

    @ParameterizedTest
    @CsvSource({"RSA,", "EC,secp256r1", "EC,secp384r1", "EC,secp521r1"})
    void readsKeysInTheFormatOfTheirAlgorithmAsInPkcs8(String algorithm, String curve) throws Exception {
        Issued issued = AUTHORITY
                .issue("server", keys(algorithm, curve), Duration.ofDays(1))
                .writeTo(folder);
        TlsIdentity fromPkcs8 = identity();
        assertEquals(issued.keys().getPrivate(), fromPkcs8.getPrivateKey(alias(fromPkcs8, algorithm)));

        TestAuthority.replace(key, issued.keyOfAlgorithm());

        assertTrue(Files.readString(key).contains("BEGIN " + algorithm + " PRIVATE KEY"));
        TlsIdentity identity = identity();
        assertEquals(issued.keys().getPrivate(), identity.getPrivateKey(alias(identity, algorithm)));
        assertArrayEquals(
                new X509Certificate[] {issued.certificate()}, identity.getCertificateChain(alias(identity, algorithm)));
    }

    @Test
    void aHandshakeThatBeganBeforeAReloadGetsTheFormerCertificateWithItsKey() {
        Issued first = AUTHORITY.issue("server").writeTo(folder);
        TlsIdentity identity = identity();
        String before = alias(identity, "EC");
        assertFalse(identity.reload());
        Issued second = AUTHORITY.issue("server").writeTo(folder);

        assertTrue(identity.reload());

        assertEquals(first.certificate(), identity.getCertificateChain(before)[0]);
        assertEquals(first.keys().getPrivate(), identity.getPrivateKey(before));
        String after = alias(identity, "EC");
        assertEquals(second.certificate(), identity.getCertificateChain(after)[0]);
        assertEquals(second.keys().getPrivate(), identity.getPrivateKey(after));
        AUTHORITY.issue("server").writeTo(folder);
        assertTrue(identity.reload());
        assertNull(identity.getPrivateKey(before));
    }

    @Test
    void aFileThatCannotBeUsedIsNamedWithTheReasonAndTheFormerOneStays() throws Exception {
        Issued first = AUTHORITY.issue("server").writeTo(folder);
        String certificateText = Files.readString(certificate);
        String keyText = Files.readString(key);
        TlsIdentity identity = identity();

        assertRefused(
                identity,
                certificate,
                "text",
                "loupe.tls.certificate: " + certificate + ": expected -----BEGIN CERTIFICATE-----, got no PEM block");
        assertRefused(
                identity,
                certificate,
                keyText,
                "loupe.tls.certificate: " + certificate + ": expected -----BEGIN CERTIFICATE-----, got PRIVATE KEY");
        assertRefused(identity, certificate, certificateText.substring(0, 200), "got no PEM block");
        assertRefused(
                identity,
                certificate,
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "expected certificates, got one that can't be read");
        TestAuthority.replace(certificate, certificateText);
        assertRefused(
                identity,
                key,
                certificateText,
                "loupe.tls.key: " + key
                        + ": expected -----BEGIN PRIVATE KEY-----, without a password, got CERTIFICATE");
        AUTHORITY.issue("server").writeTo(folder);
        TestAuthority.replace(certificate, certificateText);
        assertRefused(
                identity,
                key,
                Files.readString(key),
                "loupe.tls.key: " + key + ": expected the key of the certificate in " + certificate + ", got another");
        AUTHORITY.issue("server", keys("RSA", null), Duration.ofDays(1)).writeTo(folder);
        TestAuthority.replace(certificate, certificateText);
        assertRefused(identity, key, Files.readString(key), "expected a private key for the certificate's EC key");
        AUTHORITY.expired("server").writeTo(folder);
        assertRefused(identity, key, Files.readString(key), "expected a valid certificate, got one that expired");
        Files.delete(key);
        TlsFileException missing = assertThrows(TlsFileException.class, identity::reload);
        assertEquals("loupe.tls.key: " + key + ": expected a PEM file, got no such file", missing.getMessage());

        assertEquals(first.certificate(), identity.getCertificateChain(alias(identity, "EC"))[0]);
        assertThrows(TlsFileException.class, this::identity);
    }

    private static void assertRefused(TlsIdentity identity, Path file, String content, String expected) {
        TestAuthority.replace(file, content);
        TlsFileException refused = assertThrows(TlsFileException.class, identity::reload);
        assertTrue(refused.getMessage().contains(expected), refused.getMessage());
    }

    @Test
    void acceptsTheAuthoritiesThatTheFileHasNow() throws Exception {
        Path file = TestAuthority.write(folder.resolve("ca.crt"), AUTHORITY);
        TlsAuthorities authorities = new TlsAuthorities("loupe.tls.client-ca", file);
        X509Certificate[] own = {AUTHORITY.issue("client").certificate()};
        X509Certificate[] foreign = {OTHER.issue("client").certificate()};
        X509Certificate[] expired = {AUTHORITY.expired("client").certificate()};
        authorities.checkClientTrusted(own, "EC");
        assertThrows(CertificateException.class, () -> authorities.checkClientTrusted(foreign, "EC"));
        assertThrows(CertificateException.class, () -> authorities.checkClientTrusted(expired, "EC"));

        TestAuthority.write(file, AUTHORITY, OTHER);
        assertTrue(authorities.reload());

        assertEquals(1, authorities.generation());
        authorities.checkClientTrusted(own, "EC");
        authorities.checkClientTrusted(foreign, "EC");
        TestAuthority.write(file, OTHER);
        assertTrue(authorities.reload());
        assertThrows(CertificateException.class, () -> authorities.checkClientTrusted(own, "EC"));
        TestAuthority.replace(file, "");
        assertThrows(TlsFileException.class, authorities::reload);
        authorities.checkClientTrusted(foreign, "EC");
    }
}
