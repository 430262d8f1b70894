package dev.loupe.client;

import dev.loupe.client.http.ApiException;

/** A call of a generated API. It is made again when it may succeed later, so its idempotency key is chosen before. */
@FunctionalInterface
public interface ApiCall<T> {
    T get() throws ApiException;
}
