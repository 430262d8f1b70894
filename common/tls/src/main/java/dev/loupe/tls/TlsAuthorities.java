package dev.loupe.tls;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Authorities whose certificates are accepted from others, from a PEM file; no others are. Thread-safe. */
public final class TlsAuthorities extends X509ExtendedTrustManager implements TlsMaterial {
    private final String setting;
    private final Path file;
    private volatile Reading newest;

    /** What was read at one time. */
    private record Reading(int number, String text, X509ExtendedTrustManager trust, Instant expiry) {}

    /**
     * Reads the file.
     *
     * @param setting name of the setting, for messages
     * @param file certificates of one or more authorities
     * @throws TlsFileException if the file can't be used
     */
    public TlsAuthorities(String setting, Path file) {
        this.setting = setting;
        this.file = file;
        this.newest = read(0);
    }

    /**
     * A context of clients.
     *
     * @param authorities whose certificates are accepted; null: those that the Java runtime accepts
     * @param identity certificate of the client; null: none
     */
    public static SSLContext context(TlsAuthorities authorities, TlsIdentity identity) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys = identity == null ? null : new KeyManager[] {identity};
            TrustManager[] trust = authorities == null ? null : new TrustManager[] {authorities};
            context.init(keys, trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no TLS", e);
        }
    }

    @Override
    public String setting() {
        return setting;
    }

    @Override
    public Instant expiry() {
        return newest.expiry();
    }

    /** Grows with each reload that changed the authorities: a certificate that was accepted before may not be now. */
    public int generation() {
        return newest.number();
    }

    @Override
    public synchronized boolean reload() {
        Reading next = read(newest.number() + 1);
        if (next.text().equals(newest.text())) {
            return false;
        }
        newest = next;
        return true;
    }

    private Reading read(int number) {
        PemFile pem = PemFile.read(setting, file);
        List<X509Certificate> certificates = pem.certificates();
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < certificates.size(); i++) {
                store.setCertificateEntry(Integer.toString(i), certificates.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            Instant expiry = certificates.stream()
                    .map(each -> each.getNotAfter().toInstant())
                    .min(Instant::compareTo)
                    .orElseThrow();
            return new Reading(number, pem.text(), (X509ExtendedTrustManager) factory.getTrustManagers()[0], expiry);
        } catch (GeneralSecurityException | IOException e) {
            throw pem.refused("can't be used: " + e.getMessage(), e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        newest.trust().checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        newest.trust().checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        newest.trust().checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        newest.trust().checkServerTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        newest.trust().checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        newest.trust().checkServerTrusted(chain, type, engine);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return newest.trust().getAcceptedIssuers();
    }
}
