package dev.loupe.cli.login;

import com.nimbusds.oauth2.sdk.OAuth2Error;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationGrantError;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationSuccessResponse;
import com.nimbusds.oauth2.sdk.device.DeviceCodeGrant;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.login.Provider.RefusedException;
import dev.loupe.cli.login.Provider.UnavailableException;
import dev.loupe.cli.server.Session;
import dev.loupe.client.ClientTls;
import java.io.PrintStream;
import java.time.Duration;

/** A login by a code that the person enters at the provider, with any browser (RFC 8628). */
public final class DeviceLogin {
    /** How much slower a provider is asked after it says {@code slow_down} (RFC 8628, section 3.5). */
    private static final Duration SLOWER = Duration.ofSeconds(5);

    private final String server;
    private final LoginOptions options;
    private final ClientTls tls;
    private final PrintStream stream;
    private final Pause pause;

    /** Waits before the provider is asked again. */
    interface Pause {
        void await(Duration time) throws InterruptedException;
    }

    /**
     * @param server address of the server that gets the session
     * @param tls whose authorities are those of the provider, too
     * @param stream where the person reads what to do
     */
    public DeviceLogin(String server, LoginOptions options, ClientTls tls, PrintStream stream) {
        this(server, options, tls, stream, Thread::sleep);
    }

    DeviceLogin(String server, LoginOptions options, ClientTls tls, PrintStream stream, Pause pause) {
        this.server = server;
        this.options = options;
        this.tls = tls;
        this.stream = stream;
        this.pause = pause;
    }

    /**
     * Shows the code and waits until the person has decided.
     *
     * @throws CommandException if they refused, the code expired, or the provider can't be used
     */
    public Session run() {
        Provider provider = new Provider(options.issuer(), options.clientId(), tls);
        DeviceAuthorizationSuccessResponse begun = provider.begin(options.scopes());
        show(begun);
        DeviceCodeGrant grant = new DeviceCodeGrant(begun.getDeviceCode());
        Duration interval = Duration.ofSeconds(Math.max(1, begun.getInterval()));
        Duration left = Duration.ofSeconds(begun.getLifetime());
        while (left.isPositive()) {
            await(interval);
            left = left.minus(interval);
            try {
                return provider.redeem(grant);
            } catch (RefusedException refused) {
                if (refused.is(DeviceAuthorizationGrantError.SLOW_DOWN)) {
                    interval = interval.plus(SLOWER);
                } else if (!refused.is(DeviceAuthorizationGrantError.AUTHORIZATION_PENDING)) {
                    throw explained(refused);
                }
            } catch (UnavailableException away) {
                // It may be back before the code expires; until then it is asked less often.
                interval = interval.multipliedBy(2);
                if (left.minus(interval).isNegative()) {
                    throw away;
                }
            }
        }
        throw expired();
    }

    private CommandException explained(RefusedException refused) {
        if (refused.is(DeviceAuthorizationGrantError.EXPIRED_TOKEN)) {
            return expired();
        }
        return refused.is(OAuth2Error.ACCESS_DENIED)
                ? new CommandException("the login was refused at " + options.issuer(), refused)
                : refused;
    }

    private static CommandException expired() {
        return new CommandException("the code expired before it was entered: run ./loupe login again");
    }

    private void await(Duration time) {
        try {
            pause.await(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private void show(DeviceAuthorizationSuccessResponse begun) {
        String code = begun.getUserCode().getValue().replaceAll("[^\\x20-\\x7e]", "");
        stream.println("This logs you in to " + server + ", which can act in your name, at " + options.issuer() + ".");
        stream.println("Open this page in a browser, on any machine, and enter the code " + code + ":");
        stream.println("  " + begun.getVerificationURI());
        if (begun.getVerificationURIComplete() != null) {
            stream.println("or this page, and compare the code:");
            stream.println("  " + begun.getVerificationURIComplete());
        }
        stream.println("The code counts for " + Math.max(1, begun.getLifetime() / 60) + " minutes.");
    }
}
