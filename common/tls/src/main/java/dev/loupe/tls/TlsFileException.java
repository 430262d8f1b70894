package dev.loupe.tls;

import java.nio.file.Path;

/** A file with a certificate or a key can't be used. The message names its setting and the file, and says why. */
public final class TlsFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TlsFileException(String setting, Path file, String reason, Throwable cause) {
        super(setting + ": " + file + ": " + reason, cause);
    }

    TlsFileException(String setting, Path file, String reason) {
        this(setting, file, reason, null);
    }
}
