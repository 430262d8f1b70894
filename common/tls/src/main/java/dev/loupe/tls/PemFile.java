package dev.loupe.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A PEM file (RFC 7468) that was read.
 *
 * @param setting name of the setting that names the file, for messages
 * @param file the file
 * @param text its content
 */
record PemFile(String setting, Path file, String text) {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s+([A-Za-z0-9+/=\\s]+?)-----END \\1-----");
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String PKCS8 = "PRIVATE KEY";
    /** Keys in the format of one algorithm: PKCS #1 (RFC 8017) and SEC 1 (RFC 5915), as cert-manager and OpenSSL write them. */
    private static final List<String> OF_ONE_ALGORITHM = List.of("RSA PRIVATE KEY", "EC PRIVATE KEY");

    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

    private record Block(String label, byte[] der) {}

    static PemFile read(String setting, Path file) {
        try {
            return new PemFile(setting, file, Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (NoSuchFileException e) {
            throw new TlsFileException(setting, file, "expected a PEM file, got no such file", e);
        } catch (IOException e) {
            throw new TlsFileException(setting, file, "can't be read: " + e, e);
        }
    }

    /** @throws TlsFileException if there is none, or one that can't be read */
    List<X509Certificate> certificates() {
        List<X509Certificate> found = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Block block : blocks()) {
                if (block.label().equals(CERTIFICATE)) {
                    found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
                }
            }
        } catch (CertificateException e) {
            throw refused("expected certificates, got one that can't be read: " + e.getMessage(), e);
        }
        if (found.isEmpty()) {
            throw refused("expected -----BEGIN CERTIFICATE-----, got " + labels(), null);
        }
        return found;
    }

    /**
     * The private key, in PKCS #8, PKCS #1 or SEC 1.
     *
     * @param partner the public key that it belongs to
     * @throws TlsFileException if there is none, or one that can't be read
     */
    PrivateKey privateKey(PublicKey partner) {
        try {
            KeyFactory factory = KeyFactory.getInstance(partner.getAlgorithm());
            for (Block block : blocks()) {
                if (block.label().equals(PKCS8)) {
                    return factory.generatePrivate(new PKCS8EncodedKeySpec(block.der()));
                }
                if (OF_ONE_ALGORITHM.contains(block.label())) {
                    return factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8(partner, block.der())));
                }
            }
        } catch (GeneralSecurityException e) {
            throw refused(
                    "expected a private key for the certificate's " + partner.getAlgorithm() + " key, got another: "
                            + e.getMessage(),
                    e);
        }
        throw refused("expected -----BEGIN PRIVATE KEY-----, without a password, got " + labels(), null);
    }

    /** Wraps a key in the format of its algorithm; the certificate's key names the algorithm, with its curve. */
    private static byte[] pkcs8(PublicKey partner, byte[] key) {
        byte[] info = partner.getEncoded();
        // SubjectPublicKeyInfo: a sequence that begins with the sequence AlgorithmIdentifier.
        int begin = 1 + lengthOctets(info, 1);
        int end = begin + 1 + lengthOctets(info, begin + 1) + length(info, begin + 1);
        byte[] algorithm = Arrays.copyOfRange(info, begin, end);
        return element(SEQUENCE, VERSION_0, algorithm, element(OCTETS, key));
    }

    private static int lengthOctets(byte[] der, int at) {
        return der[at] >= 0 ? 1 : 1 + (der[at] & 0x7f);
    }

    private static int length(byte[] der, int at) {
        if (der[at] >= 0) {
            return der[at];
        }
        int length = 0;
        for (int i = 1; i < lengthOctets(der, at); i++) {
            length = length << 8 | der[at + i] & 0xff;
        }
        return length;
    }

    private static byte[] element(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >> 8);
            out.write(length);
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            try {
                blocks.add(new Block(block.group(1), Base64.getMimeDecoder().decode(block.group(2))));
            } catch (IllegalArgumentException e) {
                throw refused("expected Base64 in " + block.group(1) + ", got other characters", e);
            }
        }
        return blocks;
    }

    private String labels() {
        List<String> labels = blocks().stream().map(Block::label).distinct().toList();
        return labels.isEmpty() ? "no PEM block" : String.join(", ", labels);
    }

    TlsFileException refused(String reason, Throwable cause) {
        return new TlsFileException(setting, file, reason, cause);
    }

    @Override
    public String toString() {
        return setting + ": " + file; // never log a key
    }
}
