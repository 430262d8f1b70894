package dev.loupe.devstack;

import java.nio.file.Path;

/**
 * Certificate with which the servers speak TLS, for tests. PostgreSQL and S3 then speak nothing else on their ports; Kafka
 * has a second port, on which it demands client certificates.
 *
 * @param certificate PEM file with the certificate of all servers
 * @param key PEM file with its key, in PKCS #8, that only its owner can read
 * @param keyStore PKCS #12 file with both
 * @param password password of this file
 * @param clientCa PEM file with the authority of Kafka's clients
 */
public record ServerTls(Path certificate, Path key, Path keyStore, String password, Path clientCa) {}
