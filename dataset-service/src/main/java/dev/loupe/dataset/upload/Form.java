package dev.loupe.dataset.upload;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.Sha256;
import jakarta.ws.rs.core.MediaType;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import org.apache.commons.fileupload.MultipartStream;
import org.apache.commons.fileupload.ParameterParser;

/**
 * A {@code multipart/form-data} body (RFC 7578) that lies in a file. Parts with a file name are files, whatever the
 * part's name; others are ignored.
 *
 * @param spool holds the body
 * @param boundary between the parts
 * @param maxFiles most files
 */
record Form(Spool spool, String boundary, int maxFiles) {
    /** RFC 2046, section 5.1.1. */
    private static final int MAX_BOUNDARY = 70;

    private static final int BUFFER = 1 << 16;

    /** Takes the files one after another. */
    @FunctionalInterface
    interface FileSink {
        void accept(String name, byte[] content);
    }

    /** {@code INVALID_REQUEST} if the media type has no boundary as it should. */
    static Form of(Spool spool, MediaType type, int maxFiles) {
        String boundary = type.getParameters().get("boundary");
        if (boundary == null || boundary.isEmpty() || boundary.length() > MAX_BOUNDARY) {
            throw invalid("Content-Type: expected a boundary of 1 to " + MAX_BOUNDARY + " characters", null);
        }
        return new Form(spool, boundary, maxFiles);
    }

    /**
     * Reads all files, to one byte more than the largest size at most.
     *
     * @throws ServiceException {@code INVALID_REQUEST} if the body is no whole form, or has no file
     */
    void read(long maxFileSize, FileSink files) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(spool.file()), BUFFER)) {
            MultipartStream parts =
                    new MultipartStream(in, boundary.getBytes(StandardCharsets.ISO_8859_1), BUFFER, null);
            parts.setHeaderEncoding(StandardCharsets.UTF_8.name());
            int count = 0;
            for (boolean more = parts.skipPreamble(); more; more = parts.readBoundary()) {
                String name = fileName(parts.readHeaders());
                if (name == null) {
                    parts.discardBodyData();
                    continue;
                }
                Content content = new Content(maxFileSize + 1);
                parts.readBodyData(content);
                if (name.isEmpty() && content.bytes.size() == 0) {
                    continue; // a browser's field in which no file was chosen
                }
                count++;
                if (count > maxFiles) {
                    throw new ServiceException(
                            ErrorCode.REQUEST_TOO_LARGE, "the form has more than " + maxFiles + " files");
                }
                files.accept(
                        name.isEmpty() ? "file " + count : UploadResource.fileName(name), content.bytes.toByteArray());
            }
            if (count == 0) {
                throw invalid("the form has no file: expected parts with a filename", null);
            }
        } catch (MultipartStream.MalformedStreamException e) {
            throw invalid(
                    "the form is cut off or damaged: expected parts that end with the boundary of the Content-Type", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What makes two forms the same, whatever their boundaries. */
    String fingerprint(long maxFileSize) {
        StringBuilder all = new StringBuilder();
        read(
                maxFileSize,
                (name, content) ->
                        all.append(name).append('\t').append(Sha256.of(content)).append('\n'));
        return Sha256.of(all.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String fileName(String headers) {
        for (String line : headers.replaceAll("\r\n[ \t]+", " ").split("\r\n")) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).strip().equalsIgnoreCase("content-disposition")) {
                ParameterParser parser = new ParameterParser();
                parser.setLowerCaseNames(true);
                Map<String, String> parameters = parser.parse(line.substring(colon + 1), ';');
                if (parameters.containsKey("filename")) {
                    String name = parameters.get("filename");
                    return name == null ? "" : name;
                }
            }
        }
        return null;
    }

    private static ServiceException invalid(String reason, Exception cause) {
        return new ServiceException(ErrorCode.INVALID_REQUEST, reason, cause);
    }

    /** Keeps the first bytes. */
    private static final class Content extends OutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final long most;

        Content(long most) {
            this.most = most;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] buffer, int offset, int length) {
            bytes.write(buffer, offset, (int) Math.min(length, most - bytes.size()));
        }
    }
}
