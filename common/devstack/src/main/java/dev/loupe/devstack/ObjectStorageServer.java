package dev.loupe.devstack;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/** S3 on top of a folder, in this JVM, with Loupe's bucket. */
final class ObjectStorageServer implements AutoCloseable {

    static final String ACCESS_KEY = "loupe";
    static final String BUCKET = "loupe";

    private final S3Proxy server;

    private ObjectStorageServer(S3Proxy server) {
        this.server = server;
    }

    static ObjectStorageServer start(Path folder, int port, Exposure exposure, ServerTls tls) throws Exception {
        // The backend's buckets are the folders at its root. A folder that other users may read is a public bucket.
        Path bucket = Files.createDirectories(folder.resolve(BUCKET));
        PosixFileAttributeView permissions = Files.getFileAttributeView(bucket, PosixFileAttributeView.class);
        if (permissions != null) {
            permissions.setPermissions(PosixFilePermissions.fromString("rwx------"));
        }
        S3Proxy.Builder builder = S3Proxy.builder();
        String address = "://" + exposure.listen() + ":" + port;
        if (tls == null) {
            builder.endpoint(URI.create("http" + address));
        } else {
            builder.secureEndpoint(URI.create("https" + address))
                    .keyStore(tls.keyStore().toString(), tls.password());
        }
        S3Proxy server = builder.blobStore(new FilesystemNio2BlobStore(folder.toString()))
                .awsAuthentication(
                        AuthenticationType.AWS_V2_OR_V4,
                        ACCESS_KEY,
                        exposure.credentials().storage())
                .ignoreUnknownHeaders(true)
                .stopTimeout(1_000)
                .build();
        server.start();
        return new ObjectStorageServer(server);
    }

    URI endpoint() {
        return server.getPort() > 0
                ? URI.create("http://127.0.0.1:" + server.getPort())
                : URI.create("https://127.0.0.1:" + server.getSecurePort());
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }
}
