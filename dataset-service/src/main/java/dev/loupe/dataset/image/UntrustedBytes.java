package dev.loupe.dataset.image;

import jakarta.ws.rs.core.Response.ResponseBuilder;

/** Headers of responses whose bytes come from users and never change. */
public final class UntrustedBytes {
    private UntrustedBytes() {}

    /** Lets browsers cache the bytes, but neither sniff nor execute them. */
    public static ResponseBuilder cached(ResponseBuilder response) {
        return response.header("X-Content-Type-Options", "nosniff")
                .header("Content-Security-Policy", "default-src 'none'; sandbox")
                .header("Cache-Control", "private, max-age=31536000, immutable");
    }
}
