package dev.loupe.tls;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Certificate and private key of this process, from PEM files. Thread-safe.
 *
 * <p>A handshake asks for an alias first, then for the certificate and the key with this alias. Each reading has an alias of
 * its own, and the reading before the newest is kept: so a handshake during a reload never gets a certificate and the key of
 * another one.
 */
public final class TlsIdentity extends X509ExtendedKeyManager implements TlsMaterial {
    private static final byte[] PROBE = {1, 2, 3};
    private static final char[] NO_PASSWORD = {};
    private static final Map<String, String> SIGNATURES =
            Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA");

    private final String setting;
    private final Path certificate;
    private final String keySetting;
    private final Path key;
    private final Map<String, Reading> readings = new ConcurrentHashMap<>();
    private volatile Reading newest;

    /** What was read at one time. */
    private record Reading(int number, String texts, X509ExtendedKeyManager keys, Instant expiry) {
        String alias() {
            return Integer.toString(number);
        }
    }

    /**
     * Reads the files.
     *
     * @param setting name of the setting of the certificate, for messages
     * @param certificate certificate of this process, followed by those between it and the authority
     * @param keySetting name of the setting of the key
     * @param key private key in PKCS #8, PKCS #1 or SEC 1, without a password
     * @throws TlsFileException if a file can't be used, or the key is not that of the certificate
     */
    public TlsIdentity(String setting, Path certificate, String keySetting, Path key) {
        this.setting = setting;
        this.certificate = certificate;
        this.keySetting = keySetting;
        this.key = key;
        use(read(0));
    }

    @Override
    public String setting() {
        return setting;
    }

    @Override
    public Instant expiry() {
        return newest.expiry();
    }

    @Override
    public synchronized boolean reload() {
        Reading current = newest;
        Reading next = read(current.number() + 1);
        if (next.texts().equals(current.texts())) {
            return false;
        }
        Instant now = Instant.now();
        if (next.expiry().isBefore(now) && current.expiry().isAfter(now)) {
            throw new TlsFileException(
                    setting, certificate, "expected a valid certificate, got one that expired " + next.expiry());
        }
        use(next);
        return true;
    }

    private void use(Reading reading) {
        readings.put(reading.alias(), reading);
        newest = reading;
        readings.remove(Integer.toString(reading.number() - 2));
    }

    private Reading read(int number) {
        PemFile certificateFile = PemFile.read(setting, certificate);
        PemFile keyFile = PemFile.read(keySetting, key);
        List<X509Certificate> chain = certificateFile.certificates();
        PublicKey publicKey = chain.getFirst().getPublicKey();
        PrivateKey privateKey = keyFile.privateKey(publicKey);
        Instant expiry = chain.stream()
                .map(each -> each.getNotAfter().toInstant())
                .min(Instant::compareTo)
                .orElseThrow();
        try {
            if (!belong(privateKey, publicKey)) {
                throw keyFile.refused("expected the key of the certificate in " + certificate + ", got another", null);
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(Integer.toString(number), privateKey, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
            factory.init(store, NO_PASSWORD);
            return new Reading(
                    number,
                    certificateFile.text() + keyFile.text(),
                    (X509ExtendedKeyManager) factory.getKeyManagers()[0],
                    expiry);
        } catch (GeneralSecurityException | IOException e) {
            throw new TlsFileException(setting, certificate, "can't be used: " + e.getMessage(), e);
        }
    }

    private static boolean belong(PrivateKey privateKey, PublicKey publicKey) throws GeneralSecurityException {
        String algorithm = SIGNATURES.get(publicKey.getAlgorithm());
        if (algorithm == null) {
            return true;
        }
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(privateKey);
        signer.update(PROBE);
        byte[] signature = signer.sign();
        signer.initVerify(publicKey);
        signer.update(PROBE);
        return signer.verify(signature);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        Reading reading = readings.get(alias);
        return reading == null ? null : reading.keys().getCertificateChain(alias);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        Reading reading = readings.get(alias);
        return reading == null ? null : reading.keys().getPrivateKey(alias);
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        return newest.keys().chooseEngineServerAlias(keyType, issuers, engine);
    }

    @Override
    public String chooseEngineClientAlias(String[] keyType, Principal[] issuers, SSLEngine engine) {
        return newest.keys().chooseEngineClientAlias(keyType, issuers, engine);
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return newest.keys().chooseServerAlias(keyType, issuers, socket);
    }

    @Override
    public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
        return newest.keys().chooseClientAlias(keyType, issuers, socket);
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        return newest.keys().getServerAliases(keyType, issuers);
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return newest.keys().getClientAliases(keyType, issuers);
    }
}
