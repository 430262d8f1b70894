package dev.loupe.training.backbone;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.Sha256;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Writes the body of a request to a file, within limits of size, time and rate. */
final class Upload {
    /** Time at the start of an upload during which the rate is not checked. */
    private static final Duration WARM_UP = Duration.ofSeconds(10);

    private final BackboneConfig config;

    Upload(BackboneConfig config) {
        this.config = config;
    }

    /** The request body could not be read. All other errors are the server's own. */
    private static final class UnreadableBody extends IOException {
        private static final long serialVersionUID = 1L;

        UnreadableBody(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /**
     * @return SHA-256 of the body
     * @throws ServiceException {@code REQUEST_TOO_LARGE}, {@code REQUEST_TOO_SLOW}, {@code STORAGE_FULL}, or {@code
     *     INVALID_REQUEST} if the client aborted the upload
     */
    String receive(InputStream body, Path file) {
        try (OutputStream out = Files.newOutputStream(file)) {
            return Sha256.copy(new Limited(body), out);
        } catch (UnreadableBody e) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "the upload ended before the file was complete: " + e.getMessage(), e);
        } catch (IOException e) {
            throw full(e);
        }
    }

    /** The error for a file that the service could not write. */
    static ServiceException full(IOException e) {
        return new ServiceException(
                ErrorCode.STORAGE_FULL, "the server has no room for the upload at the moment; retry later", e);
    }

    private final class Limited extends FilterInputStream {
        private final long most = config.maxFileSize().asLongValue();
        private final long start = System.nanoTime();
        private long received;

        Limited(InputStream body) {
            super(body);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read;
            try {
                read = super.read(bytes, offset, length);
            } catch (InterruptedIOException e) {
                throw tooSlow(e);
            } catch (IOException e) {
                throw new UnreadableBody(e);
            }
            received += Math.max(read, 0);
            if (received > most) {
                throw tooLarge(most);
            }
            Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
            boolean late = elapsed.compareTo(config.uploadTimeout()) > 0;
            boolean slow = elapsed.compareTo(WARM_UP) > 0
                    && received < config.minimumUploadRate().asLongValue() * elapsed.toSeconds();
            if (read >= 0 && (late || slow)) {
                throw tooSlow(null);
            }
            return read;
        }

        private ServiceException tooSlow(IOException cause) {
            return new ServiceException(
                    ErrorCode.REQUEST_TOO_SLOW,
                    "the upload is too slow: expected "
                            + config.minimumUploadRate().asLongValue()
                            + " bytes a second and its end within "
                            + config.uploadTimeout().toSeconds() + " s, got " + received + " bytes in "
                            + Duration.ofNanos(System.nanoTime() - start).toSeconds() + " s",
                    cause);
        }
    }

    static ServiceException tooLarge(long most) {
        return new ServiceException(
                ErrorCode.REQUEST_TOO_LARGE, "the file of a network: expected at most " + most + " bytes, got more");
    }
}
