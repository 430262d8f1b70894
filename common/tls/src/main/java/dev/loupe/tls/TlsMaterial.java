package dev.loupe.tls;

import java.time.Instant;

/** What was read from PEM files, and can be read again. */
public sealed interface TlsMaterial permits TlsIdentity, TlsAuthorities {
    /** Name of the setting that names the file: {@code loupe.tls.certificate}. */
    String setting();

    /** When the first of its certificates expires. */
    Instant expiry();

    /**
     * Reads the files again. If they can't be used, what was read before stays in use.
     *
     * @return whether they have changed
     * @throws TlsFileException if they can't be used
     */
    boolean reload();
}
