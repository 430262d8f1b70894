package dev.loupe.cli.login;

import com.nimbusds.oauth2.sdk.OAuth2Error;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.login.Provider.RefusedException;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.cli.server.Profile;
import dev.loupe.cli.server.Session;
import dev.loupe.client.ClientTls;
import java.util.function.Supplier;

/** The access token of a kept session, renewed before it expires. Thread-safe. */
public final class CurrentToken implements Supplier<String> {
    private final Profile profile;
    private final Endpoints server;
    private final ClientTls tls;
    private Session session;

    public CurrentToken(Profile profile, Endpoints server, Session session, ClientTls tls) {
        this.profile = profile;
        this.server = server;
        this.session = session;
        this.tls = tls;
    }

    /** @throws CommandException if the session ended, or the provider can't be reached */
    @Override
    public synchronized String get() {
        if (!session.isCurrent()) {
            session = profile.exclusively(this::renew);
        }
        return session.accessToken();
    }

    /** Another command may have renewed it. */
    private Session renew() {
        Session kept = profile.session(server).orElseThrow(this::ended);
        if (kept.isCurrent()) {
            return kept;
        }
        if (kept.refreshToken() == null) {
            throw ended();
        }
        try {
            Session next = new Provider(kept.issuer(), kept.clientId(), tls).renew(kept);
            profile.keep(server, next);
            return next;
        } catch (RefusedException refused) {
            throw refused.is(OAuth2Error.INVALID_GRANT) ? ended() : refused;
        }
    }

    private CommandException ended() {
        return new CommandException("the session at " + session.issuer() + " has ended: log in with ./loupe login");
    }

    /** Ends a session at its provider. Returns false if the provider ends none by request. */
    public static boolean end(Session session, ClientTls tls) {
        return new Provider(session.issuer(), session.clientId(), tls).revoke(session);
    }
}
