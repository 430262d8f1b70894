package dev.loupe.inference.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs the body of a webhook with the time, so that a receiver can refuse a copy that is sent later. */
final class WebhookSignature {
    /** Name of the header: {@code t=SECONDS,v1=HEX}. */
    static final String HEADER = "X-Loupe-Signature";

    private WebhookSignature() {}

    /**
     * Returns the value of the header: HMAC-SHA256 of {@code SECONDS.BODY}.
     *
     * @param seconds seconds since 1970-01-01T00:00:00Z
     */
    static String of(String secret, long seconds, String body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] signed = mac.doFinal((seconds + "." + body).getBytes(StandardCharsets.UTF_8));
            return "t=" + seconds + ",v1=" + HexFormat.of().formatHex(signed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // each Java platform has HmacSHA256
        }
    }
}
