package dev.loupe.client;

import dev.loupe.tls.TlsAuthorities;
import dev.loupe.tls.TlsIdentity;
import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import javax.net.ssl.SSLContext;

/**
 * Certificates of connections to HTTPS servers. Names of hosts are verified in any case.
 *
 * @param authorities whose certificates are accepted; null: those that the Java runtime accepts
 * @param identity certificate of the client; null: none
 */
public record ClientTls(TlsAuthorities authorities, TlsIdentity identity) {
    /** The authorities of the Java runtime, and no certificate of the client. */
    public static final ClientTls DEFAULT = new ClientTls(null, null);

    SSLContext context() {
        return TlsAuthorities.context(authorities, identity);
    }

    ChannelCredentials credentials() {
        TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
        if (authorities != null) {
            builder.trustManager(authorities);
        }
        if (identity != null) {
            builder.keyManager(identity);
        }
        return builder.build();
    }
}
