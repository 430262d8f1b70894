package dev.loupe.dataset.image;

import jakarta.ws.rs.core.Response.ResponseBuilder;

/** Headers of responses whose bytes come from users. */
public final class UntrustedBytes {
    private UntrustedBytes() {}

    /** Lets browsers cache bytes that never change, but neither sniff nor execute them. */
    public static ResponseBuilder cached(ResponseBuilder response) {
        return inert(response).header("Cache-Control", "private, max-age=31536000, immutable");
    }

    /** Like {@link #cached}, but browsers ask each time whether the bytes have changed. */
    public static ResponseBuilder revalidated(ResponseBuilder response) {
        return inert(response).header("Cache-Control", "private, no-cache");
    }

    private static ResponseBuilder inert(ResponseBuilder response) {
        return response.header("X-Content-Type-Options", "nosniff")
                .header("Content-Security-Policy", "default-src 'none'; sandbox");
    }
}
