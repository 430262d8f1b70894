package dev.loupe.testing;

import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Logins by device code (RFC 8628) of the {@link OidcProvider}. A test decides on them in place of a person. */
final class DeviceLogins {
    private final Map<String, Login> logins = new ConcurrentHashMap<>();
    private volatile int slowDowns;

    private record Login(String userCode, String error, String person) {}

    /** The answer to a device: code, and what the person enters. */
    String begin(String issuer) {
        String deviceCode = UUID.randomUUID().toString();
        String userCode = deviceCode.substring(0, 8).toUpperCase(Locale.ROOT);
        logins.put(deviceCode, new Login(userCode, "authorization_pending", null));
        return """
                {"device_code":"%1$s","user_code":"%2$s","verification_uri":"%3$s/device",
                 "verification_uri_complete":"%3$s/device?user_code=%2$s","expires_in":600,"interval":1}""".formatted(deviceCode, userCode, issuer);
    }

    /** @param userCode the code of one device; null: of all */
    void allow(String userCode, String person) {
        decide(login ->
                userCode == null || login.userCode.equals(userCode) ? new Login(login.userCode, null, person) : login);
    }

    void refuseAll(String error) {
        decide(login -> new Login(login.userCode, error, null));
    }

    private void decide(Function<Login, Login> decision) {
        logins.replaceAll((_, login) -> decision.apply(login));
    }

    void slowDown(int times) {
        slowDowns = times;
    }

    /** Why the device gets no token; null: it gets one for {@link #person}. */
    String error(String deviceCode) {
        if (slowDowns > 0) {
            slowDowns--;
            return "slow_down";
        }
        Login login = logins.get(deviceCode);
        return login == null ? "invalid_grant" : login.error;
    }

    /** Who logged in; the code counts once. */
    String person(String deviceCode) {
        return logins.remove(deviceCode).person;
    }
}
