package dev.loupe.dataset.upload.format;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The path of a file in an archive: safe relative segments, of which the last one is the file.
 *
 * @param segments one or more segments, without {@code ..}, in Unicode form C
 */
public record ArchivePath(List<String> segments) {
    private static final int MAX_LENGTH = 500;
    /** Most characters of a name that are shown in a report. */
    private static final int MAX_SHOWN = 200;

    /** Folders and files that operating systems and storage devices create, in lower case. */
    private static final Set<String> CLUTTER = Set.of(
            "__macosx",
            "@eadir",
            "#recycle",
            "$recycle.bin",
            "system volume information",
            "lost+found",
            "thumbs.db",
            "ehthumbs.db",
            "desktop.ini",
            "icon\r");

    private static final Set<String> ARCHIVES =
            Set.of("zip", "jar", "7z", "rar", "tar", "gz", "tgz", "bz2", "xz", "zst", "lz4", "cab");

    /** Extensions of image formats, including unsupported ones: such a file is rejected with a reason. */
    private static final Set<String> IMAGES = Set.of(
            "jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "dib", "tif", "tiff", "gif", "heic", "heif", "avif",
            "svg", "jp2", "j2k", "jxl", "ico", "psd", "dng", "cr2", "cr3", "nef", "arw", "raw", "pgm", "ppm", "pnm",
            "exr", "hdr", "dcm");

    public ArchivePath {
        segments = List.copyOf(segments);
    }

    /** Parses an entry's name; throws {@code ARCHIVE_ENTRY_REFUSED} with the reason if the name is unsafe. */
    public static ArchivePath of(String raw) {
        if (raw.length() > MAX_LENGTH) {
            throw refused("its name has more than " + MAX_LENGTH + " characters");
        }
        if (raw.codePoints().anyMatch(ArchivePath::isUnseen)) {
            throw refused("its name has control characters, or characters that change the direction of text");
        }
        String name = Normalizer.normalize(raw.replace('\\', '/'), Normalizer.Form.NFC);
        if (name.startsWith("/")) {
            throw refused("its name is an absolute path");
        }
        if (name.length() > 1 && name.charAt(1) == ':' && Character.isLetter(name.charAt(0))) {
            throw refused("its name begins with a drive letter");
        }
        List<String> segments = new ArrayList<>();
        for (String segment : name.split("/")) {
            if (segment.equals("..")) {
                throw refused("its name leads out of the archive ('..')");
            }
            if (!segment.isBlank() && !segment.equals(".")) {
                segments.add(segment);
            }
        }
        if (segments.isEmpty()) {
            throw refused("it has no name");
        }
        return new ArchivePath(segments);
    }

    /** Returns a name for reports, with invisible characters escaped and truncated at the end. */
    public static String show(String raw) {
        StringBuilder shown = new StringBuilder();
        raw.codePoints().limit(MAX_SHOWN).forEach(c -> {
            if (isUnseen(c)) {
                shown.append("\\u%04X".formatted(c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return raw.codePointCount(0, raw.length()) > MAX_SHOWN
                ? shown.append('…').toString()
                : shown.toString();
    }

    private static boolean isUnseen(int c) {
        return Character.isISOControl(c)
                || c == 0x061C
                || c == 0x200E
                || c == 0x200F
                || c >= 0x202A && c <= 0x202E
                || c >= 0x2066 && c <= 0x2069
                || c >= 0xD800 && c <= 0xDFFF;
    }

    private static ServiceException refused(String reason) {
        return new ServiceException(ErrorCode.ARCHIVE_ENTRY_REFUSED, reason);
    }

    /** Whether an operating system or a storage device created this entry: hidden files and folders, thumbnails. */
    public static boolean isClutter(String raw) {
        for (String segment : raw.replace('\\', '/').split("/")) {
            boolean hidden = segment.startsWith(".") && !segment.equals(".") && !segment.startsWith("..");
            if (hidden || CLUTTER.contains(segment.toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }

    public String file() {
        return segments.getLast();
    }

    /** Returns the outermost folder, or the file if it is in no folder. */
    String first() {
        return segments.getFirst();
    }

    /** Number of folders around the file. */
    int depth() {
        return segments.size() - 1;
    }

    /** The file's name without its extension. */
    String stem() {
        int dot = file().lastIndexOf('.');
        return dot > 0 ? file().substring(0, dot) : file();
    }

    private String extension() {
        int dot = file().lastIndexOf('.');
        return dot >= 0 ? file().substring(dot + 1).toLowerCase(Locale.ROOT) : "";
    }

    /** Whether the file has the extension of an archive. */
    public boolean isArchive() {
        return ARCHIVES.contains(extension());
    }

    /** Whether the file has the extension of an image, in a supported format or not. */
    public boolean isImage() {
        return IMAGES.contains(extension());
    }

    ArchivePath without(int folders) {
        return folders == 0 ? this : new ArchivePath(segments.subList(folders, segments.size()));
    }

    boolean isBelow(List<String> folders) {
        return segments.size() > folders.size()
                && segments.subList(0, folders.size()).equals(folders);
    }

    @Override
    public String toString() {
        return String.join("/", segments);
    }
}
