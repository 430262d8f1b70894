package dev.loupe.dataset.upload;

import java.nio.charset.StandardCharsets;

/** Identifies the kind of an unexpected file by its first bytes, for error messages. */
final class FileKind {
    private FileKind() {}

    static String of(byte[] start) {
        if (start.length == 0) {
            return "an empty file";
        }
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (text.startsWith("\u001F\u008B")) {
            return "a gzip file (.gz, .tgz)";
        } else if (text.startsWith("7z\u00BC\u00AF")) {
            return "a 7z archive";
        } else if (text.startsWith("Rar!")) {
            return "a RAR archive";
        } else if (text.startsWith("\u00FD7zXZ")) {
            return "an xz file";
        } else if (text.startsWith("BZh")) {
            return "a bzip2 file";
        } else if (text.startsWith("(\u00B5/\u00FD")) {
            return "a Zstandard file";
        } else if (text.startsWith("ustar", 257)) {
            return "a tar archive";
        } else if (text.startsWith("%PDF")) {
            return "a PDF document";
        } else if (isImage(start)) {
            return "an image";
        }
        boolean printable = text.chars().allMatch(c -> c >= 0x20 && c != 0x7F || c == '\n' || c == '\r' || c == '\t');
        return printable ? "a text file" : "a file of an unknown kind";
    }

    /** Whether the file starts like an image of a supported format. */
    static boolean isImage(byte[] start) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        return text.startsWith("\u0089PNG")
                || text.startsWith("\u00FF\u00D8\u00FF")
                || text.startsWith("RIFF") && text.startsWith("WEBP", 8)
                || text.startsWith("II*\0")
                || text.startsWith("MM\0*")
                || text.startsWith("BM") && !text.chars().allMatch(c -> c >= 0x20 && c < 0x7F);
    }
}
