package dev.loupe.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority of tests, with a key of its own; it issues certificates as cert-manager does, in the same files. */
public final class TestAuthority {
    private static final Duration VALIDITY = Duration.ofDays(90);
    private static final GeneralNames THIS_MACHINE = new GeneralNames(new GeneralName[] {
        new GeneralName(GeneralName.dNSName, "localhost"), new GeneralName(GeneralName.iPAddress, "127.0.0.1")
    });

    private final KeyPair keys = ecKeys();
    private final X500Name name;
    private final X509Certificate certificate;

    /** A certificate with its key. */
    public record Issued(X509Certificate certificate, KeyPair keys) {
        /** Writes {@code tls.crt} and {@code tls.key} (PKCS #8) into a folder. */
        public Issued writeTo(Path folder) {
            replace(folder.resolve("tls.crt"), pem(certificate));
            replace(folder.resolve("tls.key"), pkcs8(keys));
            return this;
        }

        /** Writes {@code tls.p12}, with the certificate and the key, into a folder. */
        public Path writeKeyStore(Path folder, String password) {
            Path file = folder.resolve("tls.p12");
            try (OutputStream out = Files.newOutputStream(file)) {
                keyStore(password).store(out, password.toCharArray());
                return file;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        private KeyStore keyStore(String password) throws GeneralSecurityException, IOException {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("tls", keys.getPrivate(), password.toCharArray(), new X509Certificate[] {certificate});
            return store;
        }

        /** The context of a server with this certificate. */
        SSLContext context() {
            try {
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(keyStore("password"), "password".toCharArray());
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(factory.getKeyManagers(), null, null);
                return context;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        /** The key in the format of its algorithm: PKCS #1 or SEC 1. */
        public String keyOfAlgorithm() {
            return pem(keys.getPrivate());
        }
    }

    public TestAuthority(String commonName) {
        name = new X500Name("CN=" + commonName);
        certificate = sign(name, keys, Instant.now().plus(VALIDITY), null);
    }

    /** A certificate for 127.0.0.1 and localhost, for servers and clients, with an EC key. */
    public Issued issue(String commonName) {
        return issue(commonName, ecKeys(), VALIDITY);
    }

    /** @param validity from now on; negative: it expired */
    public Issued issue(String commonName, KeyPair itsKeys, Duration validity) {
        return new Issued(
                sign(new X500Name("CN=" + commonName), itsKeys, Instant.now().plus(validity), THIS_MACHINE), itsKeys);
    }

    /** @param address IP address of a server */
    public Issued issueForAddress(String address) {
        KeyPair itsKeys = ecKeys();
        GeneralNames names = new GeneralNames(new GeneralName(GeneralName.iPAddress, address));
        return new Issued(sign(new X500Name("CN=server"), itsKeys, Instant.now().plus(VALIDITY), names), itsKeys);
    }

    public Issued expired(String commonName) {
        return issue(commonName, ecKeys(), Duration.ofMinutes(-1));
    }

    /** Writes its certificate into a PKCS #12 file that Java programs can trust. */
    public Path writeTrustStore(Path file, String password) {
        try (OutputStream out = Files.newOutputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("authority", certificate);
            store.store(out, password.toCharArray());
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Its certificate in PEM. */
    public String pem() {
        return pem(certificate);
    }

    /** Writes the certificates of authorities into one file. */
    public static Path write(Path file, TestAuthority... authorities) {
        StringBuilder bundle = new StringBuilder();
        for (TestAuthority authority : authorities) {
            bundle.append(authority.pem());
        }
        return replace(file, bundle.toString());
    }

    /** Writes a file at once: a reader sees the former or the new content. */
    public static Path replace(Path file, String content) {
        try {
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.writeString(next, content);
            return Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static KeyPair ecKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param names of a server or client; null: an authority */
    private X509Certificate sign(X500Name subject, KeyPair subjectKeys, Instant end, GeneralNames names) {
        try {
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    new BigInteger(64, new SecureRandom()),
                    Date.from(Instant.now().minus(Duration.ofDays(1))),
                    Date.from(end),
                    subject,
                    subjectKeys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(names == null));
            if (names != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, names);
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pkcs8(KeyPair keys) {
        try {
            return pem(new JcaPKCS8Generator(keys.getPrivate(), null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String pem(Object object) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
