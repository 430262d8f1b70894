package dev.loupe.dataset.upload;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
    void namesThatAreOneOnSomeComputersAreRefused() {
        ArchiveNames names = new ArchiveNames();
        names.add(ArchivePath.of("good/a.png"));
        names.add(ArchivePath.of("good/b.png"));
        for (String name : new String[] {"good/A.PNG", "Good/c.png", "good/a.png", "g\uFF4Fod/d.png"}) {
            assertThrows(ServiceException.class, () -> names.add(ArchivePath.of(name)), name);
        }
    }

    @Test
    void twoUnicodeFormsOfAFolderAreOneFolder() {
        assertEquals(ArchivePath.of("gr\u00FCn/1.png"), ArchivePath.of("gru\u0308n/1.png"));
    }

    @Test
    void whatSystemsLeaveInFoldersIsClutter() {
        assertTrue(ArchivePath.of("__MACOSX/good/._1.png").isClutter());
        assertTrue(ArchivePath.of("good/.DS_Store").isClutter());
        assertTrue(ArchivePath.of("good/Thumbs.db").isClutter());
    }
}
