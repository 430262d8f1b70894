package dev.loupe.client;

import java.io.IOException;
import java.io.InputStream;

/** Reads the body of a response while it arrives. */
@FunctionalInterface
public interface BodyReader {
    void read(InputStream body) throws IOException;
}
