package dev.loupe.inference.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class WebhookSignatureTest {
    /** printf '%s' '1700000000.{"a":1}' | openssl dgst -sha256 -hmac 'a secret of twenty b'. */
    @Test
    void signatureIsThatOfOpenssl() {
        assertEquals(
                "t=1700000000,v1=952855e0fa4ebbd89b66a15645ce0a53903903d9512b1188e4dfb7e2abefd4a9",
                WebhookSignature.of("a secret of twenty b", 1_700_000_000, "{\"a\":1}"));
    }
}
