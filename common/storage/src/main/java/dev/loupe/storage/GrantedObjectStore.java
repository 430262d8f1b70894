package dev.loupe.storage;

import dev.loupe.storage.ObjectSigner.Access;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.X509TrustManager;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;

/**
 * {@link ObjectStore} for a program without an account: it accesses every object through a URL that was granted for it.
 * It cannot create buckets. Holds a pool of connections until it is closed.
 */
public final class GrantedObjectStore implements ObjectStore {
    private static final int NOT_FOUND = 404;
    private static final int FORBIDDEN = 403;
    private static final int TOO_MANY = 429;
    private static final int MAX_ERROR_LENGTH = 10_000;

    private final ObjectGrants grants;
    private final OkHttpClient http;
    private final Retries retries;

    /** The server responded with an error. */
    private static final class Refusal extends IOException {
        private static final long serialVersionUID = 1L;

        private final int status;

        Refusal(int status) {
            super("the server responded with status " + status);
            this.status = status;
        }
    }

    /**
     * @param retries number of retries after the first attempt, 0..10
     */
    public GrantedObjectStore(ObjectGrants grants, int retries) {
        this(grants, retries, null);
    }

    /**
     * @param retries number of retries after the first attempt, 0..10
     * @param authorities decides which certificates of an HTTPS server are accepted; null: the Java runtime
     */
    public GrantedObjectStore(ObjectGrants grants, int retries, X509TrustManager authorities) {
        this.grants = grants;
        this.http = Trust.apply(authorities, new OkHttpClient.Builder())
                .connectTimeout(Duration.ofSeconds(5))
                .readTimeout(Duration.ofSeconds(30))
                .writeTimeout(Duration.ofSeconds(30))
                .build();
        this.retries = new Retries(retries, GrantedObjectStore::isTransient);
    }

    /** Whether a retry may succeed: after server errors, broken connections, wrong bytes and expired URLs. */
    private static boolean isTransient(Throwable e) {
        return switch (e) {
            case StorageException.Corrupt _ -> true;
            case StorageException _ -> false;
            case Refusal refusal -> refusal.status >= 500 || refusal.status == TOO_MANY || refusal.status == FORBIDDEN;
            default -> e instanceof IOException;
        };
    }

    @Override
    public void createBucket(String bucket) {
        throw new StorageException("could not create bucket " + bucket + ": URLs are granted for objects only");
    }

    @Override
    public void put(ObjectLocation location, byte[] content, String contentType) {
        put(location, RequestBody.create(content, MediaType.get(contentType)));
    }

    @Override
    public void put(ObjectLocation location, Path file, String contentType) {
        File body = file.toFile();
        put(location, RequestBody.create(body, MediaType.get(contentType)));
    }

    private void put(ObjectLocation location, RequestBody body) {
        retries.run("write " + location, () -> {
            Request.Builder request = new Request.Builder().put(body);
            try (Response response = send(Access.WRITE, location, request)) {
                require(response, Access.WRITE, location);
            }
        });
    }

    @Override
    public InputStream open(ObjectLocation location) {
        return retries.call("read " + location, () -> get(location).byteStream());
    }

    @Override
    public byte[] read(ObjectLocation location) {
        return retries.call("read " + location, () -> {
            try (ResponseBody body = get(location)) {
                return body.bytes();
            }
        });
    }

    @Override
    public byte[] read(ObjectLocation location, long offset, int length) {
        String range = "bytes=" + offset + "-" + (offset + length - 1);
        return retries.call("read " + location, () -> {
            try (ResponseBody body = get(location, new Request.Builder().header("Range", range))) {
                return body.bytes();
            }
        });
    }

    @Override
    public byte[] read(ObjectLocation location, String sha256) {
        return retries.call("read " + location, () -> {
            try (ResponseBody body = get(location)) {
                return DigestVerification.bytes(location, sha256, body.byteStream());
            }
        });
    }

    @Override
    public void verify(ObjectLocation location, String sha256) {
        retries.run("verify " + location, () -> {
            try (ResponseBody body = get(location)) {
                DigestVerification.stream(location, sha256, body.byteStream());
            }
        });
    }

    @Override
    public void download(ObjectLocation location, String sha256, Path file) {
        retries.run("download " + location, () -> {
            try (ResponseBody body = get(location)) {
                DigestVerification.file(location, sha256, body.byteStream(), file);
            }
        });
    }

    /** Returns the body, which the caller must close. */
    private ResponseBody get(ObjectLocation location) throws IOException {
        return get(location, new Request.Builder());
    }

    private ResponseBody get(ObjectLocation location, Request.Builder request) throws IOException {
        Response response = send(Access.READ, location, request.get());
        try {
            require(response, Access.READ, location);
            return response.body();
        } catch (IOException | StorageException e) {
            response.close();
            throw e;
        }
    }

    private Response send(Access access, ObjectLocation location, Request.Builder request) throws IOException {
        String address = grants.address(access, location).toString();
        return http.newCall(request.url(address).build()).execute();
    }

    private void require(Response response, Access access, ObjectLocation location) throws IOException {
        if (response.isSuccessful()) {
            return;
        }
        if (response.code() == FORBIDDEN) {
            grants.refused(access, location);
        }
        if (response.code() == NOT_FOUND) {
            throw new StorageException.NotFound(location);
        }
        Refusal refusal = new Refusal(response.code());
        if (StorageException.Full.isFullResponse(
                response.code(), response.peekBody(MAX_ERROR_LENGTH).string())) {
            throw new StorageException.Full("object storage is full: could not write " + location, refusal);
        }
        throw refusal;
    }

    @Override
    public Optional<StoredObject> find(ObjectLocation location) {
        return list(location.bucket(), location.key()).stream()
                .filter(object -> object.location().equals(location))
                .findFirst();
    }

    @Override
    public List<StoredObject> list(String bucket, String prefix) {
        return grants.list(bucket, prefix);
    }

    @Override
    public void delete(ObjectLocation location) {
        grants.delete(location);
    }

    @Override
    public void close() {
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }
}
