package dev.loupe.imaging;

import static dev.loupe.imaging.ImageKind.decoded;
import static dev.loupe.imaging.ImageKind.refused;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imencode;

import dev.loupe.imaging.Drawing.Colours;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/** Generated files of all kinds of images, with the expected pixels. */
final class ImageKinds {
    private static final Drawing DRAWING = new Drawing(21, 19);

    private ImageKinds() {}

    static List<ImageKind> all() {
        List<ImageKind> kinds = new ArrayList<>();
        kinds.addAll(png());
        kinds.addAll(TiffKinds.all(DRAWING));
        kinds.addAll(bmp());
        kinds.addAll(jpeg());
        kinds.addAll(webp());
        kinds.addAll(others());
        return kinds;
    }

    private static List<ImageKind> png() {
        List<ImageKind> kinds = new ArrayList<>();
        for (boolean interlaced : new boolean[] {false, true}) {
            for (int bits : new int[] {1, 2, 4, 8, 16}) {
                kinds.add(png("grey", bits, 0, 1, interlaced, DRAWING.grey(bits), png -> png));
                int hidden = DRAWING.sample(7, 3, 0, bits);
                Colours grey = DRAWING.grey(bits);
                kinds.add(png(
                        "grey, one transparent",
                        bits,
                        0,
                        1,
                        interlaced,
                        (x, y, c) -> DRAWING.sample(x, y, 0, bits) == hidden ? 255 : grey.at(x, y, c),
                        png -> png.transparent(hidden)));
            }
            for (int bits : new int[] {8, 16}) {
                kinds.add(png("RGB", bits, 2, 3, interlaced, DRAWING.colours(bits), png -> png));
                int[] hidden = {
                    DRAWING.sample(7, 3, 0, bits), DRAWING.sample(7, 3, 1, bits), DRAWING.sample(7, 3, 2, bits)
                };
                Colours colours = DRAWING.colours(bits);
                kinds.add(png(
                        "RGB, one transparent",
                        bits,
                        2,
                        3,
                        interlaced,
                        (x, y, c) -> x == 7 && y == 3 ? 255 : colours.at(x, y, c),
                        png -> png.transparent(hidden)));
                kinds.add(png(
                        "RGB and alpha",
                        bits,
                        6,
                        4,
                        interlaced,
                        DRAWING.onWhite(DRAWING.colours(bits), bits),
                        png -> png));
                kinds.add(png(
                        "grey and alpha",
                        bits,
                        4,
                        2,
                        interlaced,
                        DRAWING.onWhite(DRAWING.grey(bits), bits),
                        png -> png));
            }
            for (int bits : new int[] {1, 2, 4, 8}) {
                byte[] palette = palette(bits);
                Colours shown = (x, y, c) -> palette[3 * DRAWING.sample(x, y, 0, bits) + c] & 0xFF;
                kinds.add(png("palette", bits, 3, 1, interlaced, shown, png -> png.chunk("PLTE", palette)));
                byte[] alphas = {0, 100};
                Colours over = (x, y, c) -> {
                    int index = DRAWING.sample(x, y, 0, bits);
                    double alpha = index < 2 ? alphas[index] / 255.0 : 1;
                    return shown.at(x, y, c) * alpha + 255 * (1 - alpha);
                };
                kinds.add(png("palette with alpha", bits, 3, 1, interlaced, over, png -> png.chunk("PLTE", palette)
                        .chunk("tRNS", alphas)));
            }
        }
        for (int orientation = 1; orientation <= 8; orientation++) {
            byte[] file = new PngWriter()
                    .header(DRAWING.width(), DRAWING.height(), 8, 2, false)
                    .chunk("eXIf", exif(orientation))
                    .data(DRAWING.width(), DRAWING.height(), 8, 3, false, DRAWING.samples(8))
                    .end();
            kinds.add(decoded(
                    "PNG", "RGB", 8, "orientation in eXIf", file, DRAWING.upright(DRAWING.colours(8), orientation)));
        }
        return kinds;
    }

    private static ImageKind png(
            String colour,
            int bits,
            int type,
            int channels,
            boolean interlaced,
            Colours expected,
            java.util.function.UnaryOperator<PngWriter> chunks) {
        boolean alphaSecond = type == 4;
        byte[] file = chunks.apply(new PngWriter().header(DRAWING.width(), DRAWING.height(), bits, type, interlaced))
                .data(
                        DRAWING.width(),
                        DRAWING.height(),
                        bits,
                        channels,
                        interlaced,
                        (x, y, c) -> DRAWING.sample(x, y, alphaSecond && c == 1 ? Drawing.ALPHA : c, bits))
                .end();
        return decoded("PNG", colour, bits, interlaced ? "interlaced" : "plain", file, DRAWING.pixels(expected));
    }

    /** Colours of a palette; each differs from the grey value of its index. */
    static byte[] palette(int bits) {
        byte[] palette = new byte[3 << bits];
        for (int i = 0; i < palette.length; i++) {
            palette[i] = (byte) (i * 97 + 11);
        }
        return palette;
    }

    /** An EXIF block with an orientation. */
    static byte[] exif(int orientation) {
        return ByteBuffer.allocate(26)
                .put(new byte[] {'M', 'M'})
                .putShort((short) 42)
                .putInt(8)
                .putShort((short) 1)
                .putShort((short) 274)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) orientation)
                .putShort((short) 0)
                .putInt(0)
                .array();
    }

    private static List<ImageKind> bmp() {
        List<ImageKind> kinds = new ArrayList<>();
        for (boolean topDown : new boolean[] {false, true}) {
            String order = topDown ? "top down" : "bottom up";
            for (int bits : new int[] {1, 4, 8}) {
                byte[] palette = palette(bits);
                Colours shown = (x, y, c) -> palette[3 * DRAWING.sample(x, y, 0, bits) + c] & 0xFF;
                byte[] file = BmpWriter.write(
                        DRAWING, bits, 0, topDown, palette, new int[0], (x, y) -> DRAWING.sample(x, y, 0, bits));
                kinds.add(decoded("BMP", "palette", bits, order, file, DRAWING.pixels(shown)));
            }
            kinds.add(decoded(
                    "BMP",
                    "RGB",
                    24,
                    order,
                    BmpWriter.write(DRAWING, 24, 0, topDown, new byte[0], new int[0], (x, y) -> rgb(x, y)),
                    DRAWING.pixels(DRAWING.colours(8))));
            kinds.add(decoded(
                    "BMP",
                    "RGB",
                    32,
                    order,
                    BmpWriter.write(DRAWING, 32, 0, topDown, new byte[0], new int[0], (x, y) -> rgb(x, y) | 0x7F000000),
                    DRAWING.pixels(DRAWING.colours(8))));
            kinds.add(decoded(
                    "BMP",
                    "RGB",
                    32,
                    order + ", masks",
                    BmpWriter.write(
                            DRAWING,
                            32,
                            3,
                            topDown,
                            new byte[0],
                            new int[] {0xFF0000, 0xFF00, 0xFF},
                            (x, y) -> rgb(x, y)),
                    DRAWING.pixels(DRAWING.colours(8))));
            Colours five = DRAWING.colours(5);
            kinds.add(decoded(
                    "BMP",
                    "RGB",
                    16,
                    order,
                    BmpWriter.write(DRAWING, 16, 0, topDown, new byte[0], new int[0], (x, y) -> packed(x, y, 5)),
                    DRAWING.pixels(five)));
            kinds.add(decoded(
                    "BMP",
                    "RGB",
                    16,
                    order + ", masks 5-5-5",
                    BmpWriter.write(
                            DRAWING,
                            16,
                            3,
                            topDown,
                            new byte[0],
                            new int[] {0x7C00, 0x3E0, 0x1F},
                            (x, y) -> packed(x, y, 5)),
                    DRAWING.pixels(five)));
            Colours sixInTheMiddle = (x, y, c) -> c == 1 ? DRAWING.colours(6).at(x, y, c) : five.at(x, y, c);
            kinds.add(decoded(
                    "BMP",
                    "RGB",
                    16,
                    order + ", masks 5-6-5",
                    BmpWriter.write(
                            DRAWING,
                            16,
                            3,
                            topDown,
                            new byte[0],
                            new int[] {0xF800, 0x7E0, 0x1F},
                            (x, y) -> packed(x, y, 6)),
                    DRAWING.pixels(sixInTheMiddle)));
        }
        byte[] palette = palette(8);
        Colours shown = (x, y, c) -> palette[3 * (DRAWING.sample(x, y, 0, 8) & 0xF0 | x / 7) + c] & 0xFF;
        kinds.add(decoded(
                "BMP",
                "palette",
                8,
                "run lengths",
                BmpWriter.runLengths(DRAWING, palette, (x, y) -> DRAWING.sample(x, y, 0, 8) & 0xF0 | x / 7),
                DRAWING.pixels(shown)));
        kinds.add(refused(
                "BMP",
                "RGB",
                32,
                "masks in another order",
                BmpWriter.write(
                        DRAWING, 32, 3, false, new byte[0], new int[] {0xFF, 0xFF00, 0xFF0000}, (x, y) -> rgb(x, y)),
                "BMP of 32 bits with compression 3"));
        kinds.add(refused(
                "BMP",
                "RGB",
                24,
                "JPEG inside",
                BmpWriter.write(DRAWING, 24, 4, false, new byte[0], new int[0], (x, y) -> rgb(x, y)),
                "compression 4"));
        kinds.add(refused(
                "BMP",
                "RGB",
                24,
                "PNG inside",
                BmpWriter.write(DRAWING, 24, 5, false, new byte[0], new int[0], (x, y) -> rgb(x, y)),
                "compression 5"));
        return kinds;
    }

    private static int rgb(int x, int y) {
        return DRAWING.sample(x, y, 0, 8) << 16 | DRAWING.sample(x, y, 1, 8) << 8 | DRAWING.sample(x, y, 2, 8);
    }

    private static int packed(int x, int y, int greenBits) {
        return DRAWING.sample(x, y, 0, 5) << greenBits + 5
                | DRAWING.sample(x, y, 1, greenBits) << 5
                | DRAWING.sample(x, y, 2, 5);
    }

    /** Blocks of one colour each, which JPEG preserves. With chroma subsampling, all blocks have the same chroma. */
    private static Colours blocks(boolean chroma) {
        return (x, y, c) -> {
            int block = x / 16 + y / 16 * 4;
            int light = 40 + block * 11 % 120;
            return chroma ? (light + c * 53 * (block % 3)) % 256 : light + c * 20;
        };
    }

    private static final Drawing BLOCKS = new Drawing(64, 48);

    private static List<ImageKind> jpeg() {
        List<ImageKind> kinds = new ArrayList<>();
        int[] samplings = {0x111111, 0x211111, 0x221111, 0x411111, 0x121111};
        String[] names = {"4:4:4", "4:2:2", "4:2:0", "4:1:1", "4:4:0"};
        for (int i = 0; i < samplings.length; i++) {
            for (int progressive = 0; progressive < 2; progressive++) {
                for (int restart = 0; restart < 3; restart += 2) {
                    Colours colours = blocks(i == 0);
                    byte[] file = encoded(
                            ".jpg",
                            colours,
                            3,
                            opencv_imgcodecs.IMWRITE_JPEG_QUALITY,
                            100,
                            opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR,
                            samplings[i],
                            opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE,
                            progressive,
                            opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL,
                            restart);
                    kinds.add(decoded(
                            "JPEG",
                            "YCbCr " + names[i],
                            8,
                            (progressive == 1 ? "progressive" : "baseline") + (restart > 0 ? ", restarts" : ""),
                            file,
                            BLOCKS.pixels(colours)));
                }
            }
        }
        Colours grey = (x, y, c) -> blocks(true).at(x, y, 0);
        for (int progressive = 0; progressive < 2; progressive++) {
            kinds.add(decoded(
                    "JPEG",
                    "grey",
                    8,
                    progressive == 1 ? "progressive" : "baseline",
                    encoded(
                            ".jpg",
                            grey,
                            1,
                            opencv_imgcodecs.IMWRITE_JPEG_QUALITY,
                            100,
                            opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE,
                            progressive),
                    BLOCKS.pixels(grey)));
        }
        byte[] upright = encoded(".jpg", blocks(false), 3, opencv_imgcodecs.IMWRITE_JPEG_QUALITY, 100);
        for (int orientation = 1; orientation <= 8; orientation++) {
            kinds.add(decoded(
                    "JPEG",
                    "YCbCr 4:2:0",
                    8,
                    "orientation in EXIF",
                    Encoded.withOrientation(upright, orientation),
                    BLOCKS.upright(blocks(false), orientation)));
        }
        kinds.add(
                decoded("JPEG", "CMYK", 8, "baseline", Encoded.CMYK_JPEG, new Drawing(8, 8).pixels((x, y, c) -> new int
                                [] {46, 190, 164}
                        [c])));
        String[] unsupported = {"C3:lossless", "C5:hierarchical", "C9:arithmetic", "CA:arithmetic", "F7:JPEG-LS"};
        for (String one : unsupported) {
            byte[] file = upright.clone();
            file[frame(file) + 1] = (byte) Integer.parseInt(one.substring(0, 2), 16);
            kinds.add(refused("JPEG", "any", 8, one.substring(3), file, one.substring(3)));
        }
        byte[] twelve = upright.clone();
        twelve[frame(twelve) + 4] = 12;
        kinds.add(refused("JPEG", "any", 12, "12 bits", twelve, "12 bits"));
        byte[] heightBehind = upright.clone();
        heightBehind[frame(heightBehind) + 5] = 0;
        heightBehind[frame(heightBehind) + 6] = 0;
        kinds.add(refused(
                "JPEG", "any", 8, "height after the first scan (DNL)", heightBehind, "height after the first scan"));
        return kinds;
    }

    /** Returns the offset of the frame header of a baseline JPEG. */
    static int frame(byte[] jpeg) {
        for (int i = 2; i < jpeg.length; i += 2 + ((jpeg[i + 2] & 0xFF) << 8 | jpeg[i + 3] & 0xFF)) {
            if (jpeg[i + 1] == (byte) 0xC0 || jpeg[i + 1] == (byte) 0xC2) {
                return i;
            }
        }
        throw new IllegalArgumentException("a JPEG without a frame");
    }

    private static List<ImageKind> webp() {
        List<ImageKind> kinds = new ArrayList<>();
        Colours colours = DRAWING.colours(8);
        byte[] lossless = encoded(DRAWING, ".webp", colours, null, 3);
        kinds.add(decoded("WebP", "RGB", 8, "lossless", lossless, DRAWING.pixels(colours)));
        Colours alpha = (x, y, c) -> DRAWING.sample(x, y, Drawing.ALPHA, 8);
        byte[] transparent = encoded(DRAWING, ".webp", colours, alpha, 4);
        kinds.add(decoded(
                "WebP", "RGB and alpha", 8, "lossless", transparent, DRAWING.pixels(DRAWING.onWhite(colours, 8))));
        Colours flat = (x, y, c) -> 60 + 50 * c;
        kinds.add(decoded(
                "WebP",
                "YCbCr 4:2:0",
                8,
                "lossy",
                encoded(".webp", flat, 3, opencv_imgcodecs.IMWRITE_WEBP_QUALITY, 90),
                BLOCKS.pixels(flat)));
        for (int orientation = 1; orientation <= 8; orientation++) {
            kinds.add(decoded(
                    "WebP",
                    "RGB",
                    8,
                    "orientation in EXIF",
                    extendedWebp(lossless, DRAWING, orientation),
                    DRAWING.upright(colours, orientation)));
        }
        kinds.add(decoded(
                "WebP",
                "RGB",
                8,
                "animation, first frame",
                Encoded.WEBP_ANIMATION,
                new Drawing(4, 4).pixels((x, y, c) -> c == 0 ? 255 : 0)));
        return kinds;
    }

    /** Wraps the image of a simple WebP file into an extended one with EXIF. */
    private static byte[] extendedWebp(byte[] simple, Drawing drawing, int orientation) {
        byte[] exif = exif(orientation);
        int image = simple.length - 12;
        ByteBuffer file = ByteBuffer.allocate(12 + 18 + image + 8 + exif.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put(ascii("RIFF")).putInt(file.capacity() - 8).put(ascii("WEBP"));
        file.put(ascii("VP8X")).putInt(10).putInt(8);
        for (int side : new int[] {drawing.width() - 1, drawing.height() - 1}) {
            file.put((byte) side).put((byte) (side >> 8)).put((byte) 0);
        }
        file.put(simple, 12, image);
        file.put(ascii("EXIF")).putInt(exif.length).put(exif);
        return file.array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static List<ImageKind> others() {
        List<ImageKind> kinds = new ArrayList<>();
        kinds.add(refused("GIF", "any", 8, "any", Encoded.GIF, "a GIF"));
        kinds.add(refused("BigTIFF", "any", 8, "any", new byte[] {'I', 'I', 43, 0, 8, 0, 0, 0}, "a BigTIFF"));
        kinds.add(refused("HEIC, AVIF", "any", 8, "any", latin("\0\0\0\u0018ftypheic and so on"), "HEIC"));
        kinds.add(refused("JPEG XL", "any", 8, "any", latin("\u00ff\n and so on"), "JPEG XL"));
        kinds.add(refused("JPEG 2000", "any", 8, "any", latin("\0\0\0\u000cjP  \r\n"), "JPEG 2000"));
        kinds.add(refused("SVG", "any", 8, "any", latin("<svg xmlns='http://www.w3.org/2000/svg'/>"), "SVG"));
        kinds.add(refused("PDF", "any", 8, "any", latin("%PDF-1.7 and so on"), "PDF"));
        byte[] ios = new PngWriter()
                .chunk("CgBI", new byte[4])
                .header(1, 1, 8, 2, false)
                .end();
        kinds.add(refused("PNG", "any", 8, "optimised for iOS (CgBI)", ios, "iOS"));
        return kinds;
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] encoded(String extension, Colours colours, int channels, int... parameters) {
        return encoded(BLOCKS, extension, colours, null, channels, parameters);
    }

    /** Written by OpenCV's encoder, in the order B, G, R, alpha. */
    private static byte[] encoded(
            Drawing drawing, String extension, Colours colours, Colours alpha, int channels, int... parameters) {
        OpenCv.load();
        ByteArrayOutputStream bgr = new ByteArrayOutputStream();
        for (int y = 0; y < drawing.height(); y++) {
            for (int x = 0; x < drawing.width(); x++) {
                for (int c = 0; c < channels; c++) {
                    bgr.write(
                            (int) Math.round(c == 3 ? alpha.at(x, y, 0) : colours.at(x, y, channels == 1 ? 0 : 2 - c)));
                }
            }
        }
        try (PointerScope scope = new PointerScope()) {
            Mat mat = new Mat(drawing.height(), drawing.width(), opencv_core.CV_MAKETYPE(opencv_core.CV_8U, channels));
            mat.data().put(bgr.toByteArray());
            BytePointer out = new BytePointer();
            imencode(extension, mat, out, new IntPointer(parameters));
            byte[] file = new byte[(int) out.limit()];
            out.get(file);
            return file;
        }
    }
}
