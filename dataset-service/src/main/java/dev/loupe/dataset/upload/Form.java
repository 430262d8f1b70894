package dev.loupe.dataset.upload;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.Sha256;
import jakarta.ws.rs.core.MediaType;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.commons.fileupload.MultipartStream;
import org.apache.commons.fileupload.ParameterParser;
import org.apache.commons.io.output.CountingOutputStream;

/**
 * A {@code multipart/form-data} body (RFC 7578), stored in a file. Parts with a file name are files, regardless of the
 * part's name; other parts are ignored. The body is read twice: for the names and sizes of its files, then for their
 * contents, so that memory for a content can be reserved before it is read.
 */
final class Form {
    /** Maximum length of a boundary. RFC 2046, section 5.1.1. */
    private static final int MAX_BOUNDARY = 70;

    private static final int BUFFER = 1 << 16;

    private final BufferedBody spool;
    private final byte[] boundary;
    /** All parts with a file name, in order. */
    private final List<Part> parts = new ArrayList<>();

    private int files;

    /** @param name file name for people; empty for a browser's field in which no file was chosen */
    private record Part(String name, long size, String sha256) {}

    /** Receives the files one after another. */
    @FunctionalInterface
    interface FileSink {
        /**
         * Receives a file.
         *
         * @param size size of its content in bytes
         * @param content reads the content; at most once, and before this method returns
         */
        void accept(String name, long size, Supplier<byte[]> content);
    }

    private interface PartReader {
        /** Reads the content of a part from the stream, or skips it. */
        void read(String fileName, MultipartStream stream) throws IOException;
    }

    private Form(BufferedBody spool, String boundary) {
        this.spool = spool;
        this.boundary = boundary.getBytes(StandardCharsets.ISO_8859_1);
    }

    /**
     * Reads the names and sizes of all files.
     *
     * @param maxFiles most files of the form
     * @throws ServiceException {@code INVALID_REQUEST} if the media type has no valid boundary, or the body is
     *     incomplete or has no file; {@code REQUEST_TOO_LARGE} if it has too many files
     */
    static Form of(BufferedBody spool, MediaType type, int maxFiles) {
        String boundary = type.getParameters().get("boundary");
        if (boundary == null || boundary.isEmpty() || boundary.length() > MAX_BOUNDARY) {
            throw invalid("Content-Type: expected a boundary of 1 to " + MAX_BOUNDARY + " characters", null);
        }
        Form form = new Form(spool, boundary);
        form.readParts(maxFiles);
        return form;
    }

    private void readParts(int maxFiles) {
        forEachPart((name, stream) -> {
            MessageDigest digest = Sha256.digest();
            var content = new CountingOutputStream(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
            stream.readBodyData(content);
            boolean notChosen = name.isEmpty() && content.getByteCount() == 0;
            if (!notChosen && files == maxFiles) {
                throw new ServiceException(
                        ErrorCode.REQUEST_TOO_LARGE, "the form has more than " + maxFiles + " files");
            }
            files += notChosen ? 0 : 1;
            String shown = notChosen ? "" : name.isEmpty() ? "file " + files : UploadResource.fileName(name);
            parts.add(new Part(shown, content.getByteCount(), HexFormat.of().formatHex(digest.digest())));
        });
        if (files == 0) {
            throw invalid("the form has no file: expected parts with a filename", null);
        }
    }

    /** Passes all files to a sink. */
    void read(FileSink sink) {
        Iterator<Part> known = parts.iterator();
        forEachPart((_, stream) -> {
            Part part = known.next();
            if (!part.name().isEmpty()) {
                sink.accept(part.name(), part.size(), () -> content(stream, Math.toIntExact(part.size())));
            }
        });
    }

    private static byte[] content(MultipartStream stream, int size) {
        ByteBuffer content = ByteBuffer.allocate(size);
        try {
            stream.readBodyData(new OutputStream() {
                @Override
                public void write(int b) {
                    content.put((byte) b);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) {
                    content.put(bytes, offset, length);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return content.array();
    }

    private void forEachPart(PartReader reader) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(spool.file()), BUFFER)) {
            MultipartStream stream = new MultipartStream(in, boundary, BUFFER, null);
            stream.setHeaderEncoding(StandardCharsets.UTF_8.name());
            for (boolean more = stream.skipPreamble(); more; more = stream.readBoundary()) {
                String name = fileName(stream.readHeaders());
                if (name != null) {
                    reader.read(name, stream);
                }
                stream.discardBodyData();
            }
        } catch (MultipartStream.MalformedStreamException e) {
            throw invalid(
                    "the form is cut off or damaged: expected parts that end with the boundary of the Content-Type", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a digest that is equal for forms with the same files, regardless of their boundaries. */
    String fingerprint() {
        StringBuilder all = new StringBuilder();
        for (Part part : parts) {
            if (!part.name().isEmpty()) {
                all.append(part.name()).append('\t').append(part.sha256()).append('\n');
            }
        }
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
}
