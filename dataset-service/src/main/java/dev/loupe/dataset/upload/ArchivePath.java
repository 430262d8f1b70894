package dev.loupe.dataset.upload;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A file's place in an archive: safe relative segments, the last one is the file.
 *
 * @param segments one or more, without {@code ..}, in Unicode form C
 */
record ArchivePath(List<String> segments) {
    private static final int LONGEST = 500;
    private static final Set<String> CLUTTER = Set.of("__macosx", "thumbs.db", "desktop.ini");
    private static final Set<String> ARCHIVES =
            Set.of("zip", "jar", "7z", "rar", "tar", "gz", "tgz", "bz2", "xz", "zst", "lz4", "cab");

    ArchivePath {
        segments = List.copyOf(segments);
    }

    /** Reads an entry's name; {@code ARCHIVE_ENTRY_REFUSED} with the reason if it is one that an attacker would write. */
    static ArchivePath of(String raw) {
        if (raw.length() > LONGEST) {
            throw refused("its name has more than " + LONGEST + " characters");
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

    /** A name with what can't be seen spelled out, for reports. */
    static String show(String raw) {
        StringBuilder shown = new StringBuilder();
        raw.codePoints().limit(LONGEST).forEach(c -> {
            if (isUnseen(c)) {
                shown.append("\\u%04X".formatted(c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
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

    String file() {
        return segments.getLast();
    }

    /** The file's name without its extension. */
    String stem() {
        int dot = file().lastIndexOf('.');
        return dot > 0 ? file().substring(0, dot) : file();
    }

    /** What operating systems leave in folders: not worth a word. */
    boolean isClutter() {
        return segments.stream().anyMatch(s -> s.startsWith(".") || CLUTTER.contains(s.toLowerCase(Locale.ROOT)));
    }

    boolean isArchive() {
        int dot = file().lastIndexOf('.');
        return dot >= 0 && ARCHIVES.contains(file().substring(dot + 1).toLowerCase(Locale.ROOT));
    }

    ArchivePath withoutFirst() {
        return new ArchivePath(segments.subList(1, segments.size()));
    }

    @Override
    public String toString() {
        return String.join("/", segments);
    }
}
