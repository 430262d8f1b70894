package dev.loupe.dataset.upload;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.UnicodePathExtraField;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;

/**
 * Decodes the name of a zip entry. It uses the Unicode extra field if that belongs to the name (APPNOTE.TXT 6.3.10,
 * section 4.6.9); then UTF-8 if the bytes are valid UTF-8, regardless of the flag; then the code page of DOS (appendix
 * D). That is 437, or 850 in Western Europe, which has letters where 437 has box-drawing characters.
 */
final class EntryName {
    private static final Charset CODE_PAGE_437 = Charset.forName("IBM437");
    private static final Charset CODE_PAGE_850 = Charset.forName("IBM850");

    private EntryName() {}

    static String of(ZipArchiveEntry entry) {
        byte[] raw = entry.getRawName();
        if (raw == null) {
            return entry.getName();
        }
        return unicode(entry, raw).or(() -> utf8(raw)).orElseGet(() -> dos(raw));
    }

    private static Optional<String> unicode(ZipArchiveEntry entry, byte[] raw) {
        if (entry.getExtraField(UnicodePathExtraField.UPATH_ID) instanceof UnicodePathExtraField field
                && field.getUnicodeName() != null) {
            CRC32 crc = new CRC32();
            crc.update(raw);
            return crc.getValue() == field.getNameCRC32() ? utf8(field.getUnicodeName()) : Optional.empty();
        }
        return Optional.empty();
    }

    private static Optional<String> utf8(byte[] name) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(name))
                    .toString());
        } catch (CharacterCodingException _) {
            return Optional.empty();
        }
    }

    private static String dos(byte[] raw) {
        String name = new String(raw, CODE_PAGE_437);
        return name.chars().anyMatch(c -> c >= 0x2500 && c <= 0x259F) ? new String(raw, CODE_PAGE_850) : name;
    }
}
