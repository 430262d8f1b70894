package dev.loupe.local.demo;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * Makes docs/images/heatmaps.png: a program, not a test. Arguments: the folder that {@code ./loupe demo} wrote heatmaps
 * to, and the file to write. One image of each defect, and below each its heatmap, in true colours.
 */
final class HeatmapFigure {
    private static final int GAP = 4;

    private HeatmapFigure() {}

    public static void main(String[] arguments) throws IOException {
        List<BufferedImage> images = new ArrayList<>();
        List<BufferedImage> heatmaps = new ArrayList<>();
        for (Defect defect : Defect.values()) {
            Path heatmap;
            try (var files = Files.list(Path.of(arguments[0]))) {
                heatmap = files.filter(file ->
                                file.getFileName().toString().matches("test-" + defect.folder() + "-\\d+-heatmap.png"))
                        .sorted()
                        .findFirst()
                        .orElseThrow();
            }
            heatmaps.add(ImageIO.read(heatmap.toFile()));
            String image = heatmap.getFileName().toString().replace("-heatmap", "");
            images.add(ImageIO.read(heatmap.resolveSibling(image).toFile()));
        }
        int width = heatmaps.getFirst().getWidth() + GAP;
        int height = images.getFirst().getHeight() + GAP;
        BufferedImage figure = new BufferedImage(
                width * images.size() - GAP, height + heatmaps.getFirst().getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = figure.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, figure.getWidth(), figure.getHeight());
        for (int i = 0; i < images.size(); i++) {
            graphics.drawImage(images.get(i), i * width, 0, null);
            graphics.drawImage(heatmaps.get(i), i * width, height, null);
        }
        graphics.dispose();
        ImageIO.write(figure, "png", Path.of(arguments[1]).toFile());
    }
}
