package dev.loupe.dataset.upload.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArchivePathTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "../a.png",
                "a/../../b.png",
                "..\\a.png",
                "a\\..\\b.png",
                "/etc/a.png",
                "\\a.png",
                "C:\\a.png",
                "c:a.png",
                "a\u0000.png",
                "a\n.png",
                "a\u202Egpj.exe",
                "a\u2066.png",
                "",
                "/",
                "./"
            })
    void aNameThatAnAttackerWouldWriteIsRefused(String name) {
        ServiceException refused = assertThrows(ServiceException.class, () -> ArchivePath.of(name));
        assertEquals(ErrorCode.ARCHIVE_ENTRY_REFUSED, refused.code());
    }

    @ParameterizedTest
    @CsvSource({"good\\1.png,good/1.png", "./good//1.png,good/1.png", "a..b/..c.png,a..b/..c.png"})
    void aHarmlessNameIsRead(String raw, String path) {
        assertEquals(path, ArchivePath.of(raw).toString());
    }

    @Test
    void twoUnicodeFormsOfAFolderAreOneFolder() {
        assertEquals(ArchivePath.of("gr\u00FCn/1.png"), ArchivePath.of("gru\u0308n/1.png"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "__MACOSX/good/._1.png",
                "good/.DS_Store",
                "good/Thumbs.db",
                "@eaDir/1.png/SYNOPHOTO_THUMB_M.jpg",
                ".thumbnails/1.png",
                "good/.hidden/1.png",
                "good/Icon\r",
                "$RECYCLE.BIN/1.png"
            })
    void whatSystemsLeaveInFoldersIsClutter(String name) {
        assertTrue(ArchivePath.isClutter(name));
    }

    @Test
    void aNameWithDotsIsNoClutter() {
        assertFalse(ArchivePath.isClutter("./good/1.png"));
        assertFalse(ArchivePath.isClutter("../good/1.png"));
    }
}
