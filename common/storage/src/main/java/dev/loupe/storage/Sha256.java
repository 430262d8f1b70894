package dev.loupe.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;

/** SHA-256 as lower-case hexadecimal, which identifies content everywhere in Loupe. */
public final class Sha256 {
    private Sha256() {}

    public static String of(byte[] content) {
        return DigestUtils.sha256Hex(content);
    }

    public static String of(Path file) throws IOException {
        return new DigestUtils(digest()).digestAsHex(file);
    }

    /** Copies the whole stream and returns its SHA-256. */
    public static String copy(InputStream from, OutputStream to) throws IOException {
        MessageDigest digest = digest();
        from.transferTo(new DigestOutputStream(to, digest));
        return Hex.encodeHexString(digest.digest());
    }

    /** Creates a digest. */
    public static MessageDigest digest() {
        return DigestUtils.getSha256Digest();
    }
}
