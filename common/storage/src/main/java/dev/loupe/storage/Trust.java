package dev.loupe.storage;

import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;

/** Which certificates of HTTPS servers are accepted. Host names are verified in any case. */
final class Trust {
    private Trust() {}

    /** @param authorities decides; null: the Java runtime does */
    static OkHttpClient.Builder apply(X509TrustManager authorities, OkHttpClient.Builder client) {
        if (authorities == null) {
            return client;
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {authorities}, null);
            return client.sslSocketFactory(context.getSocketFactory(), authorities);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no TLS", e);
        }
    }
}
