package dev.loupe.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeatmapFilesTest {
    private static final Path FOLDER = Path.of("out");

    private static List<String> files(String... images) {
        List<Path> paths = List.of(images).stream().map(Path::of).toList();
        HeatmapFiles files = new HeatmapFiles(FOLDER, paths);
        return paths.stream().map(files::of).map(Path::toString).toList();
    }

    @Test
    void imagesOfOneFolderGetFilesWithoutIt() {
        assertEquals(List.of("out/1-heatmap.png", "out/2-heatmap.png"), files("a/b/1.png", "a/b/2.jpg"));
        assertEquals(List.of("out/1-heatmap.png"), files("a/b/1.png"));
    }

    @Test
    void equalNamesInTwoFoldersGetTwoFiles() {
        assertEquals(
                List.of("out/scratch/1-heatmap.png", "out/dent/1-heatmap.png"),
                files("test/scratch/1.png", "test/dent/1.png"));
    }

    @Test
    void namesThatDifferInTheirExtensionGetTwoFiles() {
        assertEquals(List.of("out/1.png-heatmap.png", "out/1.jpg-heatmap.png"), files("a/1.png", "a/1.jpg"));
        assertEquals(
                List.of("out/1.png-heatmap.png", "out/1.jpg-heatmap.png", "out/1.png.png-heatmap.png"),
                files("a/1.png", "a/1.jpg", "a/1.png.png"));
    }

    @Test
    void fileGivenTwiceGetsOneFile() {
        assertEquals(List.of("out/1-heatmap.png", "out/1-heatmap.png"), files("a/1.png", "a/1.png"));
    }

    @Test
    void namesThatLeadOutOfTheFolderStayInIt() {
        for (String file : files("../../../../../../../../../etc/1.png", "x/2.png", "/3.png")) {
            assertTrue(Path.of(file).normalize().startsWith(FOLDER), file);
        }
    }

    @Test
    void hiddenNamesAndNamesWithoutAnExtensionKeepTheirName() {
        assertEquals(List.of("out/.png-heatmap.png", "out/image-heatmap.png"), files("a/.png", "a/image"));
    }
}
