package dev.loupe.inference.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookTargetTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.9.9.9",
                "0.0.0.0",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "100.127.255.255",
                "192.0.0.8",
                "198.18.0.1",
                "198.19.255.255",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1",
                "fec0::1",
                "fc00::1",
                "fd12::1",
                "ff02::1",
                "::ffff:127.0.0.1",
                "::7f00:1",
                "64:ff9b::7f00:1",
                "2002:7f00:1::",
                "2001:0:1::1"
            })
    void addressesOutsideOfThePublicInternetAreRefused(String address) throws UnknownHostException {
        assertTrue(WebhookTarget.isPrivate(InetAddress.getByName(address)), address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8.8.8.8",
                "100.63.255.255",
                "100.128.0.1",
                "172.15.0.1",
                "172.32.0.1",
                "192.0.1.1",
                "198.17.0.1",
                "198.20.0.1",
                "223.255.255.255",
                "2606:4700::1111",
                "2001:4860:4860::8888"
            })
    void publicAddressesAreAllowed(String address) throws UnknownHostException {
        assertFalse(WebhookTarget.isPrivate(InetAddress.getByName(address)), address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "ftp://8.8.8.8/",
                "gopher://8.8.8.8/",
                "http:///path",
                "https://8.8.8.8:0/",
                "https://8.8.8.8:65536/",
                "https://8.8.8.8:99999/",
                "8.8.8.8",
                "http://a b/",
                "http://user:password@8.8.8.8/",
                "http://8.8.8.8/#part",
                "",
                "http://localhost:8080/",
                "http://127.0.0.1/",
                "http://[::1]/",
                "http://169.254.169.254/latest/meta-data",
                "http://0x7f.1/"
            })
    void refusesOtherUrls(String url) {
        ServiceException refused = assertThrows(ServiceException.class, () -> WebhookTarget.resolve(url, false), url);
        assertEquals(ErrorCode.WEBHOOK_REFUSED, refused.code());
    }

    @Test
    void resolvesPortPathAndQuery() {
        WebhookTarget target = WebhookTarget.resolve("https://8.8.8.8/hooks/a%20b?x=1", false);
        assertEquals("8.8.8.8", target.address().getHostAddress());
        assertEquals(443, target.port());
        assertTrue(target.isSecure());
        assertEquals("/hooks/a%20b?x=1", target.pathWithQuery());
        assertEquals(8080, WebhookTarget.resolve("http://127.0.0.1:8080", true).port());
        assertEquals(
                65_535, WebhookTarget.resolve("http://127.0.0.1:65535/", true).port());
        assertEquals("/", WebhookTarget.resolve("http://127.0.0.1:8080", true).pathWithQuery());
    }
}
