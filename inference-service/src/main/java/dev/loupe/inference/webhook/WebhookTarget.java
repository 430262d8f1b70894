package dev.loupe.inference.webhook;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Address that a webhook calls. The name is resolved once, and the address is what is connected to: another answer of the
 * name server to a second query cannot lead elsewhere.
 *
 * @param url the URL
 * @param address the address of its host
 */
record WebhookTarget(URI url, InetAddress address) {
    private static final int MAX_LENGTH = 2000;
    private static final int MAX_PORT = 65_535;

    /**
     * Resolves a URL.
     *
     * @param allowPrivate whether it may lead to this machine or to a private network
     * @throws ServiceException {@code WEBHOOK_REFUSED}
     */
    static WebhookTarget resolve(String text, boolean allowPrivate) {
        URI url = parse(text);
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(url.getHost());
        } catch (UnknownHostException e) {
            throw refused("expected a host with an address", text);
        }
        if (!allowPrivate && Arrays.stream(addresses).anyMatch(WebhookTarget::isPrivate)) {
            throw refused(
                    "expected a public address, unless loupe.inference.webhook.allow-private-networks is set", text);
        }
        return new WebhookTarget(url, addresses[0]);
    }

    private static URI parse(String text) {
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            throw refused("expected a URL", text);
        }
        boolean http = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
        if (!http
                || url.getHost() == null
                || url.getRawUserInfo() != null
                || url.getRawFragment() != null
                || text.length() > MAX_LENGTH) {
            throw refused(
                    "expected http:// or https://, a host, no user, no fragment, and at most " + MAX_LENGTH
                            + " characters",
                    text);
        }
        if (url.getPort() == 0 || url.getPort() > MAX_PORT) {
            throw refused("expected a port from 1 to " + MAX_PORT, text);
        }
        return url;
    }

    private static ServiceException refused(String expected, String url) {
        return new ServiceException(ErrorCode.WEBHOOK_REFUSED, "url: " + expected + ", got " + QuotedInput.of(url));
    }

    boolean isSecure() {
        return url.getScheme().equalsIgnoreCase("https");
    }

    int port() {
        return url.getPort() >= 0 ? url.getPort() : isSecure() ? 443 : 80;
    }

    String pathWithQuery() {
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    }

    /** Whether an address is not one of the public Internet (IANA special-purpose address registries). */
    static boolean isPrivate(InetAddress address) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return true;
        }
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        if (address instanceof Inet4Address) {
            return first == 0
                    || first >= 240
                    || first == 100 && (second & 0xc0) == 64 // 100.64.0.0/10, carriers
                    || first == 192 && second == 0 && bytes[2] == 0
                    || first == 198 && (second & 0xfe) == 18; // 198.18.0.0/15, benchmarks
        }
        int third = bytes[2] & 0xff;
        int fourth = bytes[3] & 0xff;
        return (first & 0xfe) == 0xfc // fc00::/7, unique local
                || first == 0x20 && second == 0x02 // 2002::/16, 6to4: contains an IPv4 address
                || first == 0x20 && second == 0x01 && third == 0 && fourth == 0 // 2001::/32, Teredo
                || first == 0 && second == 0x64 && third == 0xff && fourth == 0x9b // 64:ff9b::/96, NAT64
                || first == 0 && second == 0; // ::/16, among them IPv4-compatible addresses
    }
}
